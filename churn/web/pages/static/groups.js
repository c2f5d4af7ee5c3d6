// Values that go together: when one field of a group gets its value the others get theirs, and lose them with it.

/**
 * Keeps a form's selects to the contract's groups, each a list of [field, value] of two or more fields.
 *
 * A field that leaves a group gets back what it was before, or the first of its options that is not the group's.
 */
export class Groups {
  #groups;
  #controls;
  #before = new Map(); // the last value of a field that was not the group's, by group and field

  constructor(groups, controls) {
    this.#groups = groups;
    this.#controls = controls;
    this.startOver();
  }

  /** Takes the values that are in the form now as what fields are to get back, and no others. */
  startOver() {
    this.#before.clear();
    this.#remember();
  }

  #remember() {
    for (const group of this.#groups) {
      for (const [name, value] of group) {
        const control = this.#controls.get(name);
        if (control.value !== value) this.#before.set(`${this.#groups.indexOf(group)} ${name}`, control.value);
      }
    }
  }

  /**
   * Changes what a changed field asks for, but for the fields that are `held`. Returns the names of the fields that it
   * changed, those of its groups first.
   */
  follow(name, held = []) {
    const changed = [name];
    for (const leader of changed) {
      for (const [number, group] of this.#groups.entries()) {
        const own = group.find(([field]) => field === leader);
        if (!own) continue;
        const isOn = this.#controls.get(leader).value === own[1];
        for (const [field, value] of group) {
          const control = this.#controls.get(field);
          if (changed.includes(field) || held.includes(field) || (control.value === value) === isOn) continue;
          const wanted = isOn ? value : this.#valueBefore(number, field, value);
          if (wanted === undefined) continue; // then the service refuses the customer, and says why
          control.value = wanted;
          changed.push(field);
        }
      }
    }
    this.#remember();
    return changed.slice(1);
  }

  #valueBefore(number, field, value) {
    return this.#before.get(`${number} ${field}`) ?? [...this.#controls.get(field).options].map((option) => option.value).find((other) => other !== value);
  }
}
