// The filter: its speed by size and kind of document, by number of patterns, after abuse, and beside other redactors.
import { strict as assert } from "node:assert";
import { filterJson } from "@sallyport/core";
import { keyedDocument, listDocument, SENSITIVE } from "../documents.mjs";
import {
  assertDestroyed,
  destroying,
  filterBy,
  filtering,
  kilobytes,
  LIMITS,
  overDocuments,
} from "../filtering.mjs";
import { consume, quantile } from "../harness.mjs";
import { hostileBodies } from "../hostile.mjs";
import { memoryOf, startLongDocuments } from "../memory.mjs";
import { thirtyPatterns } from "../pattern-sets.mjs";
import { redactors } from "../peers/redactors.mjs";
import { workingTime } from "../probes.mjs";
import { inChunks, streamFilter } from "../streaming.mjs";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

const SIZES = [
  { size: "1KB", bytes: KIBIBYTE },
  { size: "10KB", bytes: 10 * KIBIBYTE },
  { size: "100KB", bytes: 100 * KIBIBYTE },
  { size: "1MB", bytes: MEBIBYTE, documents: 4 },
];

/**
 * @param {{ hostile?: number, longMebibytes?: number, slicedBytes?: number }} [options] how many hostile bodies there
 *   are, and how long the documents are that come in chunks; tests take less
 */
export async function open({ hostile = 10_000, longMebibytes = 1024, slicedBytes = 10 * MEBIBYTE } = {}) {
  const long = await startLongDocuments();
  return {
    contests: [
      ...SIZES.map((size) => filtering({ kind: "dirty", ...size })),
      ...SIZES.map((size) => filtering({ kind: "clean", ...size })),
      ...againstRedactors(),
      manyPatterns(),
      dynamicKeys(),
    ],
    probes: [longestSlice(slicedBytes), memory(long, longMebibytes), afterHostile(hostile)],
    close: long.stop,
  };
}

function againstRedactors() {
  const documents = Array.from({ length: 8 }, (_, seed) =>
    listDocument({ bytes: 10 * KIBIBYTE, isDirty: true, seed }),
  );
  const filter = filterBy(destroying([SENSITIVE]));
  const run = overDocuments(documents, (document) => consume(filter(document).length));
  return Object.entries(redactors()).map(([name, { words, redact }]) => ({
    title: `Redactors: ${kilobytes(documents[0])} of dirty JSON beside ${name}`,
    unit: "MB/s",
    verify() {
      for (const document of documents) {
        const left = JSON.parse(Buffer.from(filter(document)).toString());
        assert.deepEqual(JSON.parse(redact(document)), left);
        assert.notDeepEqual(left, JSON.parse(document.toString()));
      }
    },
    baseline: { words, run: overDocuments(documents, (document) => consume(redact(document).length)) },
    candidates: [{ figure: `filter.vs.${name}`, words: "filterJson, told one pattern", run }],
  }));
}

function manyPatterns() {
  const documents = Array.from({ length: 8 }, (_, seed) =>
    listDocument({ bytes: 10 * KIBIBYTE, isDirty: true, seed }),
  );
  const filters = [[SENSITIVE], thirtyPatterns()].map((patterns) => filterBy(destroying(patterns)));
  const [one, thirty] = filters;
  return {
    title: `Patterns: ${kilobytes(documents[0])} of dirty JSON, the same destroyed by one and by thirty`,
    unit: "MB/s",
    better: "lower",
    verify() {
      for (const document of documents)
        for (const filter of filters) assertDestroyed(filter(document), document);
    },
    baseline: {
      words: "one pattern",
      run: overDocuments(documents, (document) => consume(one(document).length)),
    },
    candidates: [
      {
        figure: "filter.patterns.30",
        words: "thirty patterns",
        run: overDocuments(documents, (document) => consume(thirty(document).length)),
      },
    ],
  };
}

/** So many that no memory of paths holds the ids of all. */
const KEYED_DOCUMENTS = 512;

function dynamicKeys() {
  const [fixed, keyed] = [listDocument, keyedDocument].map((make) => {
    const documents = Array.from({ length: KEYED_DOCUMENTS }, (_, seed) =>
      make({ bytes: 10 * KIBIBYTE, isDirty: true, seed }),
    );
    const filter = filterBy(destroying([SENSITIVE]));
    return {
      documents,
      filter,
      run: overDocuments(documents, (document) => consume(filter(document).length)),
    };
  });
  return {
    title: `Keys: ${KEYED_DOCUMENTS} documents of ${kilobytes(fixed.documents[0])} with records in a list or under ids`,
    unit: "MB/s",
    better: "lower",
    verify() {
      for (const { documents, filter } of [fixed, keyed])
        for (const document of documents) assertDestroyed(filter(document), document);
    },
    baseline: { words: "fixed keys: a list of records", run: fixed.run },
    candidates: [
      { figure: "filter.dynamic-keys", words: "dynamic keys: every record under its id", run: keyed.run },
    ],
  };
}

const CHUNK_BYTES = 64 * KIBIBYTE;

/** The longest of 160 slices is one that was not yet optimised, if there is any. */
const SLICE_WARM_UPS = 5;

/** How long the event loop waits at most while a long body comes in. @returns {import("../probes.mjs").Probe} */
function longestSlice(bytes) {
  const document = listDocument({ bytes, isDirty: true, seed: 3 });
  const stages = destroying([SENSITIVE]);
  const once = (onBytes) => {
    const { write, end } = streamFilter(stages);
    let longest = 0;
    const timed = (work) => {
      const { ms, result } = workingTime(work);
      longest = Math.max(longest, ms);
      onBytes(result);
    };
    for (const chunk of inChunks(document, CHUNK_BYTES)) timed(() => write(chunk));
    timed(end);
    return longest;
  };
  const sample = () => once(({ length }) => consume(length));
  return {
    figure: "filter.slice.ms",
    words: "longest slice of work on 10 MiB that come in chunks of 64 KiB",
    unit: "ms",
    better: "lower",
    verify() {
      const left = [];
      once((bytes) => left.push(Buffer.from(bytes)));
      assertDestroyed(Buffer.concat(left), document);
    },
    prepare() {
      for (let warmUp = 0; warmUp < SLICE_WARM_UPS; warmUp++) sample();
    },
    sample,
  };
}

/** @returns {import("../probes.mjs").Probe} */
function memory(long, mebibytes) {
  // Less than this cannot be told from what the process does besides.
  const growthOf = ({ growth }) => Math.max(growth, MEBIBYTE);
  const both = async () => ({
    unfiltered: await memoryOf("unfiltered", long, mebibytes),
    filtered: await memoryOf("filtered", long, mebibytes),
  });
  return {
    figure: "filter.memory.1GiB",
    words: "growth of the resident set over 1 GiB read through fetch, filtered ÷ unfiltered",
    unit: "ratio",
    better: "lower",
    async verify() {
      const { read, left } = await memoryOf("filtered", long, 1);
      assert.ok(left > read / 2 && left < read, "the filter destroyed nothing, or too much");
    },
    async sample() {
      const { filtered, unfiltered } = await both();
      assert.equal(filtered.read, unfiltered.read);
      return growthOf(filtered) / growthOf(unfiltered);
    },
  };
}

/** Comes last: if hostile bodies did harm, all that is timed after them would suffer. @returns {import("../probes.mjs").Probe} */
function afterHostile(count) {
  const documents = Array.from({ length: 8 }, (_, seed) =>
    listDocument({ bytes: 10 * KIBIBYTE, isDirty: true, seed }),
  );
  const stages = destroying([SENSITIVE]);
  const filter = filterBy(stages);
  const parse = overDocuments(documents, (document) => consume(JSON.parse(document.toString()).data.length));
  const run = overDocuments(documents, (document) => consume(filter(document).length));
  // By JSON.parse at the same moment, so that a machine that slows down meanwhile is not taken for harm.
  const speed = ({ roundMs }) => {
    parse(roundMs / 5);
    const parsed = parse(roundMs);
    run(roundMs / 5);
    return run(roundMs) / parsed;
  };
  let before;
  return {
    figure: "filter.after-hostile",
    words: `speed after ${count.toLocaleString("en-US")} hostile bodies ÷ speed before`,
    unit: "ratio",
    better: "higher",
    verify() {
      for (const document of documents) assertDestroyed(filter(document), document);
    },
    prepare(options) {
      speed(options);
      before = quantile(
        Array.from({ length: options.rounds }, () => speed(options)),
        0.5,
      );
      for (const body of hostileBodies(count)) consume(filterJson(body, stages, LIMITS).ok ? 1 : 0);
    },
    sample: (options) => speed(options) / before,
  };
}
