/**
 * A list that its members leave in any order, oldest first, for many that stay a moment. A `Map` or a `Set` of such makes
 * its table anew again and again, and the engine lets the former one, with the members of then, point to the next: as soon
 * as one is old, all that follow are kept, with whatever they hold, until the next full collection.
 */

/** What can be in one list at a time. The list alone changes these. */
export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
  isListed: boolean;
}

export class LinkedList<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(member: T): void {
    member.isListed = true;
    member.previous = this.#last;
    if (this.#last === undefined) this.#first = member;
    else this.#last.next = member;
    this.#last = member;
  }

  /** @returns whether it was there */
  remove(member: T): boolean {
    if (!member.isListed) return false;
    const { previous, next } = member;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // An old one must not keep those that came after it.
    member.previous = undefined;
    member.next = undefined;
    member.isListed = false;
    return true;
  }

  /** Those that are there now. */
  toArray(): T[] {
    const members: T[] = [];
    for (let member = this.#first; member !== undefined; member = member.next) members.push(member);
    return members;
  }
}
