import fc from "fast-check";
import { expect, it } from "vitest";
import { type Linked, LinkedList } from "./linked-list.js";

interface Member extends Linked<Member> {
  readonly id: number;
}

const member = (id: number): Member => ({ id, previous: undefined, next: undefined, isListed: false });

it("is what a `Set` is, and whoever has left points to nobody", () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (taken) => {
      const [list, set] = [new LinkedList<Member>(), new Set<Member>()];
      const members = Array.from({ length: 10 }, (_, id) => member(id));
      for (const [isAdding, id] of taken) {
        const one = members[id] as Member;
        if (!isAdding) expect(list.remove(one)).toBe(set.delete(one));
        else if (!set.has(one)) {
          list.add(one);
          set.add(one);
        }
        expect(list.toArray().map((listed) => listed.id)).toEqual([...set].map((kept) => kept.id));
        expect(list.isEmpty).toBe(set.size === 0);
      }
      for (const one of members.filter((absent) => !set.has(absent))) expect(one).toEqual(member(one.id));
    }),
  );
});
