/* The page's event bus: topics, listeners, the last value of each (docs/reference/page.md lists them). */

const listeners = new Map();
const last = new Map();

/** Listen to a topic; the listener gets the last value at once. Returns a function that stops listening. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  if (last.has(topic)) listener(last.get(topic));
  return () => listeners.get(topic).delete(listener);
}

/** Send a value to all listeners of a topic. */
export function emit(topic, value) {
  last.set(topic, value);
  for (const listener of listeners.get(topic) || []) {
    // an error of one listener must not stop the others
    try {
      listener(value);
    } catch (error) {
      console.error(`knockon ${topic}:`, error);
    }
  }
}

/** The last value of a topic, or undefined. */
export const latest = (topic) => last.get(topic);
