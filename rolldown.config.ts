/**
 * What `npm run build` adds to the modules that the compiler writes: the package in few files, for Node. What takes long when a
 * program starts is to find, read and compile many of them.
 */
import { globSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { defineConfig, type RolldownOptions } from "rolldown"

const common = {
  platform: "node",
  resolve: { conditionNames: ["effect-lm-source", "node", "import"] }
} satisfies RolldownOptions

const output = {
  comments: { annotation: false, jsdoc: false, legal: true },
  chunkFileNames: "chunks/[name].js",
  // Names of classes and functions are shown to people.
  keepNames: true
} satisfies RolldownOptions["output"]

/** Worker threads run these files, which they find beside the code that starts them. */
const threads = globSync("src/**/internal/{functionWorker,programWatcher,programWorker,sandboxWorker}.ts")

/**
 * The library. All that its root loads is one file; each module that can be imported is a file that leads there, and so does
 * the command: it shares its copy of the library, and of Effect, with the programs that it runs.
 */
const library: RolldownOptions = {
  ...common,
  input: Object.fromEntries(
    [...globSync("src/{index,*/index,cli/bin,*/[A-Z]*}.ts"), ...threads]
      .map((file) => [file.slice("src/".length, -".ts".length), file])
  ),
  external: /^(?:@?effect\/|effect$|node:|#command$|acorn$|quickjs-wasi$)/,
  treeshake: false,
  output: {
    ...output,
    dir: "dist/node",
    sourcemap: true,
    sourcemapExcludeSources: true,
    entryFileNames: ({ name }) => name.includes("/internal/") ? `chunks/${basename(name)}.js` : "[name].js",
    codeSplitting: { groups: [{ name: "core", test: /[\\/]src[\\/]index\.ts$/ }] }
  }
}

/** The command where it runs no code of its user's: with its own copies, in which nothing is that it does not use. */
const command: RolldownOptions = {
  ...common,
  input: { process: "src/cli/internal/process.ts" },
  external: /^node:/,
  output: {
    ...output,
    dir: "dist/command",
    chunkFileNames: "[name].js",
    // Effect's license wants to be where its code is.
    postBanner: `/*! effect\n${readFileSync("node_modules/effect/LICENSE", "utf8").trim()}\n*/`
  }
}

export default defineConfig([library, command])
