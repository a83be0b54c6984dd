/**
 * Chromium, spoken to in its own protocol.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"

export interface Browser extends AsyncDisposable {
  /** Opens a page; what it gives evaluates an expression there, and waits for the promise that it may be. */
  readonly open: (url: string) => Promise<(expression: string) => Promise<any>>
}

/** Starts the Chromium at a path, with a profile of its own. */
export const launch = async (path: string, profile: string): Promise<Browser> => {
  const program: ChildProcess = spawn(path, [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
    "about:blank"
  ], { stdio: ["ignore", "ignore", "pipe"] })
  const exited = new Promise<void>((resolve) => program.on("exit", () => resolve()))
  const said: Array<string> = []
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(program.stderr!).on("line", (line) => {
      said.push(line)
      const found = /^DevTools listening on (.*)$/.exec(line)
      if (found !== null) resolve(found[1]!)
    })
    void exited.then(() => reject(new Error(`Chromium ended:\n${said.join("\n")}`)))
  })
  const socket = new WebSocket(address)
  await new Promise((resolve) => socket.addEventListener("open", resolve))
  const waiting = new Map<number, (message: any) => void>()
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data)
    waiting.get(message.id)?.(message)
  })
  let calls = 0
  const call = (method: string, params: object, sessionId?: string): Promise<any> =>
    new Promise((resolve, reject) => {
      const id = calls++
      waiting.set(id, ({ error, result }) => error === undefined ? resolve(result) : reject(new Error(error.message)))
      socket.send(JSON.stringify({ id, method, params, sessionId }))
    })
  return {
    open: async (url) => {
      const { targetId } = await call("Target.createTarget", { url: "about:blank" })
      const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true })
      const evaluate = async (expression: string) => {
        const { exceptionDetails, result } = await call(
          "Runtime.evaluate",
          { expression, awaitPromise: true, returnByValue: true },
          sessionId
        )
        if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
        return result.value
      }
      await call("Page.enable", {}, sessionId)
      await call("Page.navigate", { url }, sessionId)
      await evaluate(
        "new Promise((resolve) => document.readyState === 'complete' ? resolve() : addEventListener('load', () => resolve()))"
      )
      return evaluate
    },
    [Symbol.asyncDispose]: () => {
      socket.close()
      program.kill()
      return exited
    }
  }
}
