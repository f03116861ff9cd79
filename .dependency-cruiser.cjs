// Which file may import which. The folders and their order are in ARCHITECTURE.md.
const testFile = "\\.(test|test-d|bench)\\.[cm]?[jt]s$";
const naiveTwin = "\\.reference\\.ts$";
const notShipped = `${testFile}|${naiveTwin}`;

const shipped = { path: "^packages/[^/]+/src/", pathNot: notShipped };

/**
 * A package may import itself and those named; a new package may import core until a rule says otherwise. Tests may use
 * more: a client is tested with a real store.
 */
function packageRule(folder, mayImport) {
  return {
    name: `${folder}-imports-down`,
    comment: `packages/${folder} may import, of our packages, only: ${mayImport.join(", ") || "none"}`,
    severity: "error",
    from: { path: `^packages/${folder}/src/`, pathNot: notShipped },
    to: { path: "^packages/", pathNot: `^packages/(${[folder, ...mayImport].join("|")})/` },
  };
}

module.exports = {
  forbidden: [
    packageRule("core", []),
    packageRule("client", ["core"]),
    packageRule("gateway", ["client", "core"]),
    {
      name: "siblings-apart",
      comment: "adapters and every other package may import, of our packages, only core",
      severity: "error",
      from: { path: "^packages/(?!(?:core|client|gateway|sallyport)/)([^/]+)/" },
      to: { path: "^packages/", pathNot: "^packages/($1|core)/" },
    },
    {
      name: "by-name-across-packages",
      comment: "one package reaches another through its exports, never through a path",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: {
        path: "^packages/",
        pathNot: "^packages/$1/",
        dependencyTypesNot: ["aliased-tsconfig-paths", "aliased-workspace"],
      },
    },
    {
      name: "no-cycles",
      comment: "type-only imports count",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "core-uses-only-node-crypto",
      comment: "core does no I/O; of Node it may use node:crypto",
      severity: "error",
      from: { path: "^packages/core/src/", pathNot: notShipped },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    {
      name: "no-test-code-in-shipped-code",
      severity: "error",
      from: shipped,
      to: { path: testFile },
    },
    {
      name: "naive-twins-only-in-tests",
      comment: "a *.reference.ts file exists to be compared with in tests",
      severity: "error",
      from: { pathNot: notShipped },
      to: { path: naiveTwin },
    },
    {
      name: "only-declared-dependencies",
      comment: "shipped code imports what its own package.json declares, and no development dependency",
      severity: "error",
      from: shipped,
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|coverage|\\.mutation)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
