/**
 * The files that worker threads run: one of this package, which then loads one of the user's.
 */
import * as Result from "effect/Result"

/**
 * The code of a thread that runs the file `name` beside the module at `self`, in the same language: TypeScript in the
 * sources, JavaScript in the package. A thread that is given a file itself does not start where the process was started with
 * `--input-type`. Fails, with what to do, where the file is not there: code that was bundled has left it behind.
 */
export const beside = (self: string | undefined, name: string): Result.Result<string, string> => {
  // A bundle of CommonJS has no URL of its own.
  const file = self?.startsWith("file:") ? new URL(`./${name}${self.endsWith(".ts") ? ".ts" : ".js"}`, self) : undefined
  return file !== undefined && exists(file)
    ? Result.succeed(`import(${JSON.stringify(file.href)})`)
    : Result.fail(
      `worker threads run files of the package effect-lm, and ${
        file?.href ?? `${name}.js`
      } is not there. Where code is ` +
        "bundled, leave the package out of the bundle: \"external\" with \"effect-lm\" and \"effect-lm/*\" in esbuild, " +
        "Rollup, Vite (ssr.external) and webpack (externals)"
    )
}

/** The user's file. A compiler makes `work.js` of `work.ts`, but leaves the URL in the code that names it as it is. */
export const built = (url: URL): URL => {
  const compiled = new URL(url)
  compiled.pathname = url.pathname.replace(/\.([cm]?)tsx?$/, ".$1js")
  return url.protocol === "file:" && compiled.href !== url.href && !exists(url) && exists(compiled) ? compiled : url
}

/** Nothing of Node is loaded before that. */
const exists = (file: URL): boolean => process.getBuiltinModule("node:fs").existsSync(file)
