/* What parts of the page tell each other: topics, listeners, what was said last (docs/reference/page.md lists them). */

const listeners = new Map();
const last = new Map();

/** Listen to a topic; the last value is heard at once. Returns how to stop listening. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  if (last.has(topic)) listener(last.get(topic));
  return () => listeners.get(topic).delete(listener);
}

/** Tell all listeners of a topic. */
export function emit(topic, value) {
  last.set(topic, value);
  for (const listener of listeners.get(topic) || []) {
    // one listener's fault must not keep the others from hearing
    try {
      listener(value);
    } catch (error) {
      console.error(`knockon ${topic}:`, error);
    }
  }
}

/** The last value of a topic, or undefined. */
export const latest = (topic) => last.get(topic);
