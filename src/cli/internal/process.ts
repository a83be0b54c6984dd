/**
 * Runs the command with the arguments and the streams of this process.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { main } from "../Main.ts"

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"))

// A reader that goes away (`| head -1`) is noticed where results are written; as an event it would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

NodeRuntime.runMain(Effect.provide(main(process.argv.slice(2), { version }), NodeServices.layer))
