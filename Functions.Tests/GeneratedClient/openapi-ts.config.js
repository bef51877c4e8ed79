export default {
  input: 'openapi.json',
  // Node.js resolves no import without it.
  output: { path: 'client', module: { extension: '.js' } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
};
