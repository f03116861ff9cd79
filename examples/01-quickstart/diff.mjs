/** The scalars (and empty containers) of a JSON value by path text, in document order: `$.commit.author.email` → value. */
export function leaves(value, path = "$", found = new Map()) {
  const children = typeof value === "object" && value !== null ? Object.entries(value) : [];
  for (const [key, child] of children) {
    leaves(child, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, found);
  }
  if (children.length === 0) found.set(path, value);
  return found;
}

/** Lines of a diff: every leaf of `before`, each with whether `after` still has it. Nothing here moves elements. */
export function diffLeaves(before, after) {
  const kept = leaves(after);
  return [...leaves(before)].map(([path, value]) => ({ path, value, kept: kept.has(path) }));
}
