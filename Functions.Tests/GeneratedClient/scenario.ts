// Uses a client that was generated from /openapi.json, as an app would: it compiles only while the description says what
// the sample model is, and ends well only while the server answers as described. Prints one line for each step.
import { client } from './client/client.gen.js';
import * as api from './client/index.js';

declare const process: { env: Record<string, string | undefined> };

client.setConfig({ baseUrl: process.env.API_URL, auth: () => process.env.API_TOKEN });

function step(what: string, holds: boolean, seen?: unknown): void {
  if (!holds) {
    throw new Error(`${what}: ${JSON.stringify(seen)}`);
  }
  console.log(`ok ${what}`);
}

/** The data of an answer that must have some. */
function dataOf<T>(answer: { data: T; error: undefined } | { data: undefined; error: unknown }): T {
  if (answer.data === undefined) {
    throw new Error(JSON.stringify(answer.error));
  }
  return answer.data as T;
}

const created = dataOf(await api.createNotes({ body: { title: 'Grey heron', tags: ['bird'], likes: 1 } }));
step('create', created.title === 'Grey heron' && created.tags?.[0] === 'bird', created);

const patched = dataOf(await api.patchNotes({
  path: { id: created.id },
  body: { likes: { $increment: 2 }, tags: { $add: ['fish'] }, body: null, priority: 3 },
}));
step('patch with field operations', patched.likes === 3 && patched.tags?.length === 2, patched);

const stale = await api.patchNotes({
  path: { id: created.id }, headers: { 'If-Match': `"${created.etag}"` }, body: { done: true },
});
step('a stale version is refused with a problem', stale.error?.code === 'precondition_failed', stale.error);

const page = dataOf(await api.listNotes({ query: { filter: "priority >= 2 && 'fish' in tags", limit: 10 } }));
step('list with a filter', page.items.length === 1 && page.items[0]?.id === created.id && page.next === null, page);

const invalid = await api.listNotes({ query: { filter: 'nosuchfield == 1' } });
step('a wrong filter names its parameter', invalid.error?.errors?.[0]?.path === 'filter', invalid.error);

const read = dataOf(await api.getNotes({ path: { id: created.id } }));
step('read', read.etag === patched.etag, read);

const replaced = dataOf(await api.replaceNotes({ path: { id: created.id }, body: { title: 'Heron' } }));
step('replace', replaced.title === 'Heron' && replaced.body === undefined, replaced);

const order = dataOf(await api.createOrders({ body: { item: 'pencil', quantity: 2 } }));
step('the server sets a price', order.price === 1998, order);

const me = created.owner;
const space = dataOf(await api.createSpace({ body: { name: 'Birds' } }));
const shared = dataOf(await api.createNotes({ query: { scope: space.scope }, body: { title: 'Shared' } }));
step('a record of a space', space.members[me]?.role === 'owner' && shared.scope === space.scope, { space, shared });

const pulled = dataOf(await api.exchange({ body: { client: 'generated', pull: [{ scope: `user/${me}`, cursor: null }] } }));
const titles = pulled.changes[0]?.records.flatMap(record => record.collection === 'notes' ? [record.title] : []) ?? [];
step('pull, with the type behind each collection', titles.join() === 'Heron', pulled);

const slot = dataOf(await api.createMedia({ body: { contentType: 'image/jpeg', size: 1000 } }));
const photo = dataOf(await api.getMedia({ path: { id: slot.id } }));
step('announce an image', photo.status === 'pending' && photo.reason === undefined, photo);

const deleted = await api.deleteNotes({ path: { id: created.id } });
const gone = await api.getNotes({ path: { id: created.id } });
step('delete', deleted.response?.status === 204 && gone.error?.code === 'record_not_found', gone);

const restored = dataOf(await api.restoreNotes({ path: { id: created.id } }));
step('restore', restored.title === 'Heron' && !restored.deleted, restored);

const once = { body: { title: 'Once' }, headers: { 'Idempotency-Key': created.id } };
const first = dataOf(await api.createNotes(once));
const again = dataOf(await api.createNotes(once));
step('a create with a key is safe to repeat', first.id === again.id, again);

const batch = dataOf(await api.applyBatch({
  body: {
    operations: [
      { op: 'patch', collection: 'notes', id: first.id, fields: { done: true } },
      { op: 'delete', collection: 'notes', id: created.id },
    ],
  },
}));
step('batch', batch.results.map(result => result.status).join() === '200,204', batch);
