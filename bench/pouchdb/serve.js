// CouchDB's HTTP API by PouchDB over LevelDB: node serve.js <port> <folder>
'use strict';

const express = require('express');
const expressPouch = require('express-pouchdb');
const PouchDB = require('pouchdb');

const [port, folder] = process.argv.slice(2);
process.chdir(folder); // express-pouchdb keeps its configuration where it is started
const app = express();
app.get('/health/live', (_, answer) => answer.end());
app.use('/', expressPouch(PouchDB.defaults({ prefix: `${folder}/` }), { mode: 'minimumForPouchDB' }));
app.listen(Number(port), '127.0.0.1');
