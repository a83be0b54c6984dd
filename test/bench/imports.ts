/** How long importing takes, in fresh processes, from the built package, beside what it needs of Effect; and how many files that is. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { median, print, round } from "./measure.ts"
import { inTurn } from "./processes.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const fresh = (script: string): string =>
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, encoding: "utf8" })

/** The milliseconds of CPU: others on the machine change them least. */
const time = (imports: string): number =>
  Number(fresh(`
    const started = process.cpuUsage()
    ${imports}
    const { user, system } = process.cpuUsage(started)
    console.log((user + system) / 1000)`))

const files = (imports: string): string =>
  fresh(`
    import { registerHooks } from "node:module"
    let count = 0
    registerHooks({
      load: (url, context, next) => {
        if (url.startsWith("file:")) count++
        return next(url, context)
      }
    })
    ${imports}
    console.log(count)`).trim()

const effect = "effect/Schema + effect/Stream"

const subjects = {
  [effect]: `await import("effect/Schema"); await import("effect/Stream")`,
  "effect-lm": `await import("effect-lm")`,
  "effect-lm/module/Predict": `await import("effect-lm/module/Predict")`,
  "effect-lm, its modules": `await import("./dist/index.js")`,
  openai: `await import("openai")`
}

export const imports = async (): Promise<void> => {
  const times = await inTurn(subjects, time, 9)
  const reference = median(times.get(effect)!)
  print("import", "CPU ms", "beside Effect's", "files")
  for (const [name, script] of Object.entries(subjects)) {
    const millis = median(times.get(name)!)
    print(`  ${name}`, round(millis), `${round(millis / reference, 2)}x`, files(script))
  }
}
