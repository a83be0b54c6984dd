/** How long importing takes, in fresh processes, from the built package; and whether the core loads the provider's SDK. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { median, print, round } from "./measure.ts"

const url = (path: string): string => new URL(`../../${path}`, import.meta.url).href

const fresh = (script: string): string =>
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    encoding: "utf8"
  })

const time = (specifier: string): number =>
  Number(fresh(`
    const started = performance.now()
    await import(${JSON.stringify(specifier)})
    console.log(performance.now() - started)`))

const loadsSdk = (specifier: string): boolean =>
  fresh(`
    import { registerHooks } from "node:module"
    let found = false
    registerHooks({
      load: (url, context, next) => {
        found ||= url.includes("/node_modules/openai/")
        return next(url, context)
      }
    })
    await import(${JSON.stringify(specifier)})
    console.log(found)`).trim() === "true"

const subjects = {
  "effect-lm (core)": url("dist/index.js"),
  "effect-lm/module/Predict": url("dist/module/Predict.js"),
  "effect/Schema + effect/Stream": `data:text/javascript,import "${
    url("node_modules/effect/dist/Schema.js")
  }"; import "${url("node_modules/effect/dist/Stream.js")}"`,
  openai: url("node_modules/openai/index.mjs")
}

export const imports = async (): Promise<void> => {
  print("import", "median ms", "loads openai")
  const times = new Map<string, Array<number>>()
  for (let i = 0; i < 9; i++) {
    for (const [name, specifier] of Object.entries(subjects)) {
      times.set(name, [...(times.get(name) ?? []), time(specifier)])
    }
  }
  for (const [name, specifier] of Object.entries(subjects)) {
    print(`  ${name}`, round(median(times.get(name)!)), loadsSdk(specifier) ? "yes" : "no")
  }
}
