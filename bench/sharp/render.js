// What ImageBench measures beside the product's engine: four widths in WebP and JPEG, as sharp's users write it.
'use strict';
const sharp = require('sharp');

sharp.cache(false); // results are never asked for twice

const [photo, atOnce, rounds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const widths = [320, 640, 1280, 1920];

const render = () =>
  Promise.all(
    widths.flatMap((width) => [
      sharp(photo).rotate().resize(width).webp({ quality: 80 }).toBuffer(),
      sharp(photo).rotate().resize(width).jpeg({ quality: 80 }).toBuffer(),
    ]),
  );

(async () => {
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const start = process.hrtime.bigint();
    await Promise.all(Array.from({ length: atOnce }, render));
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  times.shift(); // warms up
  times.sort((a, b) => a - b);
  console.log(times[Math.floor(times.length / 2)].toFixed(1));
})();
