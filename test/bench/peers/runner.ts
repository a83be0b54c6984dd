/** A contender's process, and the jobs that it is given. */
import { type ChildProcess, fork } from "node:child_process"
import { existsSync } from "node:fs"
import type { Contender } from "./contenders.ts"
import { python } from "./install.ts"
import type { Job, Outcome, Reply } from "./peer.ts"

const root = new URL("../../../", import.meta.url)
const child = new URL("child.ts", import.meta.url)
const program = (file: string) => new URL(`contenders/${file}`, import.meta.url)

/** What is measured of the library: what was built, else the source. */
export const isBuilt = existsSync(new URL("dist/index.js", root))

/** No job of any library that is worth measuring takes as long. */
const longest = 60_000

const start = ({ file, form }: Contender, baseUrl: string): ChildProcess => {
  const stdio = ["ignore", "ignore", "ignore", "ipc"] as const
  if (file.endsWith(".py")) {
    return fork(program(file), [baseUrl, form], { execPath: python, execArgv: [], stdio: [...stdio] })
  }
  const execArgv = isBuilt ? [] : ["--conditions=effect-lm-source"]
  return fork(child, [program(file).href, baseUrl, form], { execArgv, stdio: [...stdio] })
}

/** The next message of a process, or why there is none. */
const next = (process: ChildProcess): Promise<Reply> =>
  new Promise((resolve) => {
    const end = (reply: Reply) => {
      clearTimeout(timer)
      process.off("message", end).off("exit", onExit).off("error", onError)
      resolve(reply)
    }
    const onExit = (code: number | null, signal: string | null) =>
      end({ failed: `its process ended (${signal ?? code})` })
    const onError = (error: Error) => end({ failed: error.message })
    const timer = setTimeout(() => end({ failed: `took longer than ${longest / 1_000} s` }), longest)
    process.on("message", end).on("exit", onExit).on("error", onError)
  })

export interface Runner {
  /** Gives a job to the contender's process, which is started where there is none. */
  readonly run: (job: Job) => Promise<Outcome>
  readonly stop: () => void
}

/** A contender with a process that lives through several jobs, until one fails. */
export const make = (contender: Contender, baseUrl: string): Runner => {
  let process: ChildProcess | undefined
  const stop = () => {
    process?.kill("SIGKILL")
    process = undefined
  }
  return {
    stop,
    run: async (job) => {
      let reply: Reply = { ready: true }
      if (process === undefined) {
        process = start(contender, baseUrl)
        reply = await next(process)
      }
      if ("ready" in reply) {
        process.send(job)
        reply = await next(process)
      }
      if ("failed" in reply) stop()
      return "ready" in reply ? { failed: "it said that it was ready twice" } : reply
    }
  }
}
