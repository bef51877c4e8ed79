// The package's own command closes the connection after every request, which costs a TLS handshake each.
const { createHttpsServer } = require('@vercel/cosmosdb-server');

const server = createHttpsServer({ keepAlive: true });
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`Cosmos server listens on https://127.0.0.1:${server.address().port}`);
});
