/**
 * Runs the command with the arguments and the streams of this process.
 */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { readFileSync } from "node:fs"
import { main } from "../Main.ts"

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"))

// A reader that goes away (`| head -1`) is noticed where results are written; as an event it would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

// The first signal ends the run in order, however long that takes. After a second one, what the run has started has this
// time to be killed.
const patience = 80

let interrupted: number | undefined
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  process.on(signal, () => {
    if (interrupted !== undefined) setTimeout(() => process.exit(code), patience)
    interrupted ??= code
  })
}

const services = Layer.provideMerge(
  NodeChildProcessSpawner.layer,
  Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeStdio.layer, NodeTerminal.layer)
)

NodeRuntime.runMain(Effect.provide(main(process.argv.slice(2), { version }), services), {
  teardown: (exit, onExit) =>
    Runtime.defaultTeardown(exit, (code) => onExit(interrupted !== undefined && code === 130 ? interrupted : code))
})
