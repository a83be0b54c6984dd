/** How long fresh processes of the built package take: to the first bytes that the command, or a program, writes. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { median, print, round } from "./measure.ts"
import { inTurn } from "./processes.ts"

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const command = path("../../dist/node/cli/bin.js")

/** The milliseconds until the process has written something. */
const first = (args: ReadonlyArray<string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    let time: number | undefined
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] })
    child.stdout.on("data", () => time ??= performance.now() - started)
    child.once("close", (code) =>
      code === 0 && time !== undefined ? resolve(time) : reject(new Error(`${args.join(" ")} ended with ${code}`)))
  })

export const startup = async (baseUrl: string): Promise<void> => {
  const model = ["--question", "?", "--model", "chat-200", "--base-url", baseUrl]
  const subjects = {
    "node --version": ["--version"],
    "openai SDK, a program": [path("programs/sdk.mjs"), baseUrl],
    "a program": [path("programs/ours.mjs"), baseUrl],
    "effect-lm --version": [command, "--version"],
    "effect-lm run SIGNATURE": [command, "run", "question -> reasoning, answer", ...model],
    "effect-lm run FILE": [command, "run", path("programs/program.mjs"), ...model]
  }
  const times = await inTurn(subjects, first, 9)
  const reference = median(times.get("openai SDK, a program")!)
  print("first output of a fresh process", "median ms", "of the SDK's")
  for (const [name, all] of times) print(`  ${name}`, round(median(all)), `${round(median(all) / reference, 2)}x`)
}
