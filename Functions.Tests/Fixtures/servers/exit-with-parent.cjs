// Loaded before a test server (`node --require`). Its standard input is a pipe that the test process holds open and
// never writes to: when that process ends, however abruptly, the pipe closes and the server goes too.
process.stdin.on('end', () => process.exit()).on('error', () => process.exit()).resume();
