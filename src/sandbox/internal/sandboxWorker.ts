/**
 * What runs in a thread: the interpreters of some sessions, each behind a port of its own.
 */
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { type MessagePort, parentPort } from "node:worker_threads"
import * as Interpreter from "./interpreter.ts"
import { type Ask, flags, type Open, type Told } from "./messages.ts"

let engine: Promise<Interpreter.Engine> | undefined

const load = (): Promise<Interpreter.Engine> =>
  Promise.all([
    import("quickjs-wasi"),
    import("acorn"),
    Promise.resolve().then(() => readFile(createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm")))
      .then((wasm) => WebAssembly.compile(wasm))
  ]).then(([quickjs, parser, wasm]) => ({ quickjs, parser, wasm }))

const serve = (engine: Interpreter.Engine, { port, program, shared }: Open) => {
  const memory = new Int32Array(shared)
  const send = (told: Told) => tell(port, told)
  const interpreter = Interpreter.make(engine, program, {
    print: (text) => send({ _tag: "Printed", text }),
    call: (id, name, args) => send({ _tag: "Called", id, name, args }),
    done: (end) => send({ _tag: "Done", end }),
    isStopped: () => Atomics.load(memory, flags.stop) === 1,
    tick: () => Atomics.add(memory, flags.stretch, 1)
  })
  port.on("message", (ask: Ask) => {
    switch (ask._tag) {
      case "Run":
        return void interpreter.run(ask.code)
      case "Answer":
        return interpreter.answer(ask.id, ask.answer)
      case "Stop":
        return interpreter.stop()
    }
  })
  send({ _tag: "Opened" })
}

const tell = (port: MessagePort, told: Told) => port.postMessage(told)

parentPort?.on("message", (open: Open) => {
  engine ??= load()
  engine.then(
    (engine) => serve(engine, open),
    (cause: unknown) => tell(open.port, { _tag: "NotInstalled", description: String(cause) })
  )
})
