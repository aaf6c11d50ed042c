// What changes, as the centre tells it: one EventSource a page, topics as events. It reconnects by itself; after each
// connection `hello` comes, and whoever shows data asks for it again.

/** @type {EventSource | null} */
let source = null;
/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map();
/** A browser gives up where something else answers than the stream: a proxy while the centre restarts, or a session's end. */
const AGAIN_MS = 5_000;

/**
 * Call `hear` at each event `topic` (rooms, incidents, orders, meetings, queue, hello, lost); returns the way out.
 * @param {string} topic @param {(data: any) => void} hear
 */
export function listen(topic, hear) {
  const all = listeners.get(topic) ?? new Set();
  listeners.set(topic, all.add(hear));
  if (source !== null && all.size === 1) attach(topic);
  return () => void all.delete(hear);
}

export function connect() {
  if (source !== null) return;
  const made = new EventSource("/api/stream");
  source = made;
  made.onerror = () => {
    tell("lost", null);
    if (made.readyState === EventSource.CLOSED) setTimeout(() => source === made && again(), AGAIN_MS);
  };
  for (const topic of new Set(["hello", ...listeners.keys()])) attach(topic);
}

function again() {
  disconnect();
  connect();
}

export function disconnect() {
  source?.close();
  source = null;
}

/** @type {WeakMap<EventSource, Set<string>>} */
const attached = new WeakMap();

/** @param {string} topic */
function attach(topic) {
  if (source === null) return;
  const done = attached.get(source) ?? new Set();
  if (done.has(topic) || topic === "lost") return;
  attached.set(source, done.add(topic));
  source.addEventListener(topic, (event) => tell(topic, JSON.parse(/** @type {MessageEvent} */ (event).data)));
}

/** @param {string} topic @param {unknown} data */
export function tell(topic, data) {
  for (const hear of listeners.get(topic) ?? []) hear(data);
}
