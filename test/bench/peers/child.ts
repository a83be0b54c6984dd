/**
 * A contender's process: `child.ts FILE BASE_URL FORM`. Loads the contender's program, does the jobs that its parent sends, and
 * answers each with what it took. A contender that is not JavaScript does the same in its own words (`contenders/dspy.py`).
 */
import { costOf, used } from "../measure.ts"
import { type Job, type Make, type Measured, type Peer, type Reply } from "./peer.ts"

const [file, baseUrl, form] = process.argv.slice(2) as [string, string, string]

const send = (reply: Reply) => process.send?.(reply)

/** The work of a job, or nothing where the library has no such thing. */
const workOf = (peer: Peer, job: Job): (() => Promise<Measured>) | undefined => {
  const { agent, call, object, stream } = peer
  switch (job.kind) {
    case "stream":
      return stream && again(job.times, async () => {
        const shown = await stream(`${form}-${job.tokens}`, () => {})
        if (shown < job.tokens * 3) throw new Error(`showed only ${shown} characters of ${job.tokens} tokens`)
      })
    case "object":
      return object && again(job.times, async () => {
        const points = await object(`list-${job.tokens}`)
        if (points < job.tokens / 24) throw new Error(`showed only ${points} points of ${job.tokens} tokens`)
      })
    case "call":
      return call && again(job.times, async () => answered(await call(modelOf("whole"))), job.concurrency)
    case "agent":
      return agent && again(job.times, async () => answered(await agent(modelOf("agent"))))
    case "crowd":
      return stream && (() => crowd(job.streams, (onFirst) => stream(modelOf("crowd"), onFirst)))
  }
}

const modelOf = (name: string): string => form === "chat" ? name : `${name}-${form}`

const answered = (answer: string): void => {
  if (!answer.includes("Paris")) throw new Error(`answered ${JSON.stringify(answer).slice(0, 200)}`)
}

const again = (times: number, run: () => Promise<void>, concurrency = 1) => () =>
  costOf(async () => {
    let left = times
    const worker = async () => {
      while (left-- > 0) await run()
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  })

/** Many streams at once: the memory is looked at when the last of them has begun. Until then the server ends none. */
const crowd = async (streams: number, run: (onFirst: () => void) => Promise<number>): Promise<Measured> => {
  const firsts: Array<number> = []
  const before = used()
  let during = before
  const started = performance.now()
  const cost = await costOf(() =>
    Promise.all(Array.from({ length: streams }, () =>
      run(() => {
        firsts.push(performance.now() - started)
        if (firsts.length < streams) return
        during = used()
        void release()
      })))
  )
  if (firsts.length !== streams) throw new Error(`only ${firsts.length} of ${streams} streams showed something`)
  return {
    ...cost,
    bytes: during - before,
    firstMillis: firsts[streams >> 1]!,
    lastMillis: firsts[Math.floor(streams * 0.99)]!
  }
}

const release = () =>
  fetch(`${baseUrl}/chat/completions`, { method: "POST", body: JSON.stringify({ model: "release" }) })

const wordsOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))

const start = async () => {
  const { make } = await import(file) as { readonly make: Make }
  const peer = await make(baseUrl, form)
  process.on("message", (job: Job) => {
    const work = workOf(peer, job)
    if (work === undefined) send({ missing: true })
    else work().then((measured) => send({ measured }), (error) => send({ failed: wordsOf(error) }))
  })
  send({ ready: true })
}

process.on("disconnect", () => process.exit(0))
start().catch((error) => {
  send({ failed: wordsOf(error) })
  process.disconnect()
})
