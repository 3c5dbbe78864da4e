/* The kinds of events and their fields, as models/scenario.py has them: forms show them, actions are read from them. */

let kinds = null;

/** Every kind by its name: label, whether it can happen to lines, and its fields. */
export function eventKinds() {
  kinds = kinds || JSON.parse(document.getElementById("add-dialog").dataset.eventKinds);
  return kinds;
}

/** Each field once, with the kinds that have it. */
export function kindFields() {
  const result = new Map();
  for (const [kind, { fields }] of Object.entries(eventKinds())) {
    for (const field of fields) {
      const held = result.get(field.name) || { field, when: [] };
      held.when.push(kind);
      result.set(field.name, held);
    }
  }
  return [...result.values()];
}

// ------------------------------------------------------------- values
/** The number in a field of a form; null where it is empty or not shown. */
export function numberIn(form, name) {
  const control = form.elements[name];
  return control && !control.disabled && control.value !== "" ? Number(control.value) : null;
}

/** The share that a form asks for; the exact `held` one where its rounded percentage was left alone. */
export function shareIn(form, name, held) {
  const percent = numberIn(form, name);
  if (percent === null) return held;
  return held !== undefined && Math.abs(percent - 100 * held) <= 1e-4 ? held : Math.round(percent * 1e4) / 1e6;
}

const READ = {
  share: (form, field, held) => shareIn(form, `${field.name}_percent`, held ?? field.start),
  h: (form, field) => numberIn(form, field.name),
  service: (form, field) => form.elements[field.name].value || null,
};

/** The fields of a kind in a form: `values`, and `missing`, a message about an empty required field. */
export function kindValues(form, kind, held) {
  const values = {};
  let missing = "";
  for (const field of eventKinds()[kind].fields) {
    const value = READ[field.unit](form, field, held[field.name]);
    if (value !== null && value !== undefined) values[field.name] = value;
    else if (field.required) missing = missing || field.missing;
  }
  return { values, missing };
}
