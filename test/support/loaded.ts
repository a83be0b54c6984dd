import { execFileSync } from "node:child_process"

/** What a fresh process has loaded after it ran this. */
export const loaded = (program: string): ReadonlyArray<string> => {
  const script = `
    import { registerHooks } from "node:module"
    const urls = []
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    ${program}
    console.log(JSON.stringify(urls))`
  const output = execFileSync(
    process.execPath,
    ["--conditions=effect-lm-source", "--input-type=module", "--eval", script],
    { encoding: "utf8" }
  )
  return JSON.parse(output)
}
