// Keeps values together: when one field of a group takes its value of the group, the others take theirs; when it
// gives it up, so do they.

/**
 * Keeps a form's selects consistent with the contract's groups. A group is a list of [field, value] for two or more
 * fields.
 *
 * A field that leaves a group gets its earlier value back, or the first of its options that is not the group's.
 */
export class Groups {
  #groups;
  #controls;
  #before = new Map(); // a field's last value outside of the group, by group and field

  constructor(groups, controls) {
    this.#groups = groups;
    this.#controls = controls;
    this.startOver();
  }

  /** Makes the form's present values those that fields get back, and forgets all others. */
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
   * Changes the fields that a changed field requires to change, except those in `held`. Returns their names, those of
   * its own groups first.
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
