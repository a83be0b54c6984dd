/** Blocking loops, between the two threads: this file's own thread sleeps in each of them. */
import { assert, describe, it, vi } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import { AdapterParseError, BlockingStream, InputError, LMError, Prediction, ToolError } from "effect-lm"
import type * as Local from "./fixtures/local.ts"
import { NotFound } from "./fixtures/local.ts"

const file = new URL("./fixtures/local.ts", import.meta.url)
const programs = BlockingStream.module<typeof Local>(file)

const shared = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** What a loop was given, and what it ended with. */
const outcome = <Event>(
  events: Iterable<Event>
): { readonly events: ReadonlyArray<Event>; readonly error: unknown } => {
  const seen: Array<Event> = []
  try {
    for (const event of events) seen.push(event)
    return { events: seen, error: undefined }
  } catch (error) {
    return { events: seen, error }
  }
}

const thrown = (f: () => unknown): any => {
  try {
    f()
  } catch (error) {
    return error
  }
  return assert.fail("nothing was thrown")
}

describe("what arrives", () => {
  it("events in order, each loop a run of its own", () => {
    const batches = programs("batches").stream({})
    assert.deepStrictEqual([...batches], [1, 2, 3, 4, 5])
    assert.deepStrictEqual([...batches], [1, 2, 3, 4, 5])
  })

  it("a prediction, with all that is known of it", () => {
    const answer = programs().call({ n: 21 })
    assert.isTrue(Prediction.isPrediction(answer))
    assert.strictEqual(answer._tag, "Prediction")
    assert.deepStrictEqual(Prediction.fields(answer), { twice: 42, at: new Date(21) })
    assert.deepStrictEqual({ ...answer }, { twice: 42, at: new Date(21) })
    assert.strictEqual(Prediction.usage(answer).calls, 0)
    assert.deepStrictEqual(Prediction.completions(answer), [{ twice: 42, at: new Date(21) }])
    const [event] = [...programs().stream({ n: 1 })]
    assert.isTrue(Prediction.isPrediction(event))
  })

  it("law 13: values and errors as they were, wherever they are", () => {
    const [map, record, error, [prediction]] = [...programs("values", { errors: [NotFound] }).stream({})] as Array<any>
    assert.deepStrictEqual(map, new Map([["a", new Set([1n])]]))
    assert.deepStrictEqual(record, {
      at: new Date(0),
      n: NaN,
      $: { $: 1 },
      nothing: undefined,
      bytes: new Float32Array([1.5]),
      like: /a/g
    })
    assert.isTrue(
      error instanceof ToolError && error.reason._tag === "Failed" && error.reason.cause instanceof NotFound
    )
    assert.strictEqual(error.message, "t: d")
    assert.include(error.stack, "local.ts")
    assert.isTrue(Prediction.isPrediction(prediction))
    assert.strictEqual(Prediction.details(prediction).model, "m")
    assert.deepStrictEqual(Prediction.completions(prediction), [undefined, { at: new Date(0) }])
  })

  it("what the program prints, before what comes after it", () => {
    const printed: Array<string> = []
    const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed.push(String(text))
      return true
    })
    for (const event of programs("chatty").stream({})) process.stdout.write(event)
    write.mockRestore()
    assert.deepStrictEqual(printed, ["said by the program\n", "event"])
  })

  it("of two loops and a call inside of each other, to each its own", () => {
    const pairs: Array<readonly [number, number, number]> = []
    const inner = programs("counting").stream({ pulled: shared(), most: 3 })[Symbol.iterator]()
    for (const n of programs("counting").stream({ pulled: shared(), most: 3 })) {
      pairs.push([n, inner.next().value, programs().call({ n }).twice])
    }
    assert.deepStrictEqual(pairs, [[1, 1, 2], [2, 2, 4], [3, 3, 6]])
    assert.isTrue(inner.next().done)
  })

  it("where the loop lets the event loop go on in between", async () => {
    const seen: Array<number> = []
    for (const n of programs("counting").stream({ pulled: shared(), most: 20 })) {
      seen.push(n)
      await new Promise((resume) => void setImmediate(resume))
    }
    assert.deepStrictEqual(seen, Array.from({ length: 20 }, (_, i) => i + 1))
  })

  it("no more than a few batches before the loop has read them", () => {
    const pulled = shared()
    let read = 0
    for (const _ of programs("counting").stream({ pulled, most: 100 })) {
      // Lets the program go on; without a bound it would be over by the first of these waits.
      Atomics.wait(shared(), 0, 0, 1)
      // As many as may wait, one that the program holds, and the one just taken.
      assert.isAtMost(Atomics.load(pulled, 0), ++read + 5)
    }
    assert.strictEqual(read, 100)
  })
})

describe("failures are thrown as they were", () => {
  const fails = (how: Parameters<ReturnType<typeof programs<"failing">>["stream"]>[0]["how"]) => {
    const streamed = outcome(programs("failing", { errors: [NotFound] }).stream({ how }))
    assert.deepStrictEqual(streamed.events, [1, 2, 3], "what came before it stays")
    const called = thrown(() => programs("refusing", { errors: [NotFound] }).call({ how }))
    assert.deepStrictEqual(called, streamed.error)
    return called
  }

  it("LMError, with its reason", () => {
    const error = fails("lm")
    assert.instanceOf(error, LMError)
    assert.strictEqual(error.reason._tag, "RateLimited")
    assert.strictEqual(error.message, "wire-1: slow down")
    assert.isTrue(error.isRetryable)
    assert.deepStrictEqual(error.retryAfter, Duration.seconds(3))
    assert.deepStrictEqual(error.partial, { answer: "It" })
    assert.strictEqual(error.usage?.outputTokens, 2)
    assert.deepStrictEqual(error.trajectory, [{ at: new Date(0) }])
    assert.include(error.stack, "local.ts", "where it failed, not where it was thrown again")
  })

  it("AdapterParseError, with what was parsed", () => {
    const error = fails("parse")
    assert.instanceOf(error, AdapterParseError)
    assert.deepStrictEqual(error.parsed, { at: new Date(0) })
    assert.deepStrictEqual(error.issues, [{ path: ["answer", 0], message: "is missing" }])
  })

  it("InputError, of the program and of nothing that it takes", () => {
    assert.instanceOf(fails("input"), InputError)
  })

  it("an error of the application's own, by its class where that is given", () => {
    const error = fails("own")
    assert.instanceOf(error, NotFound)
    assert.strictEqual(error.message, "there is no 7")
    assert.isTrue(DateTime.Equivalence(error.since, DateTime.makeUnsafe(0)))
    assert.deepStrictEqual(error.context, new Map([["a", 1n]]))

    const { error: unknown } = outcome(programs("failing").stream({ how: "own" }))
    assert.notInstanceOf(unknown, NotFound)
    assert.include(unknown, { name: "test/NotFound", message: "there is no 7", _tag: "NotFound", id: 7 })
  })

  it("other errors, with name, message, properties and cause", () => {
    assert.include(fails("data"), { _tag: "Plain", name: "Plain", code: 7 })
    const plain = fails("plain")
    assert.instanceOf(plain, RangeError)
    assert.strictEqual(plain.message, "too far")
    assert.propertyVal(plain, "code", "EFAR")
    assert.instanceOf(plain.cause, Error)
    assert.strictEqual(plain.cause.message, "why")
    const named = fails("named")
    assert.instanceOf(named, Error)
    assert.strictEqual(String(named), "CustomError: by name")
  })

  it("defects, and what is no error", () => {
    const defect = fails("defect")
    assert.instanceOf(defect, TypeError)
    assert.strictEqual(defect.message, "a bug")
    const text = fails("text")
    assert.instanceOf(text, Error)
    assert.deepStrictEqual([text.message, text.cause], ["no error at all", "no error at all"])
    const record = fails("record")
    assert.instanceOf(record, Error)
    assert.deepStrictEqual([{ ...record }, record.cause], [{ _tag: "Odd", n: 1 }, { _tag: "Odd", n: 1 }])
    assert.match(record.message, /^the program failed of .*"Odd"/)
    const nothing = fails("nothing")
    assert.instanceOf(nothing, Error)
    assert.deepStrictEqual([nothing.message, nothing.cause], ["the program failed of null", null])
  })

  it("events and inputs that no thread can send", () => {
    const { error, events } = outcome(programs("unsendable").stream({}))
    assert.instanceOf(error, TypeError)
    assert.match(String(error), /cannot be sent to another thread/)
    assert.deepStrictEqual(events, [])
    assert.strictEqual(
      thrown(() => programs("batches").stream({ f: () => {} })[Symbol.iterator]().next()).name,
      "DataCloneError"
    )
  })

  it("names that the file does not export", () => {
    const names = programs as unknown as (name: string, options?: object) => ReturnType<typeof programs<"batches">>
    const missing = thrown(() => names("progam").call({}))
    assert.instanceOf(missing, TypeError)
    assert.match(missing.message, /local\.ts exports no program 'progam'.*it exports .*batches, /)
    assert.match(
      thrown(() => names("increment").call({})).message,
      /^'increment' of .*local\.ts is a function: it is a module \(Predict\.make/
    )
    assert.match(
      thrown(() => names("batches", { layer: "layr" }).call({})).message,
      /local\.ts exports no layer 'layr'; it exports .*batches, /
    )
    assert.match(
      thrown(() => names("batches", { layer: "increment" }).call({})).message,
      /^'increment' of .*local\.ts is a function: it is a layer, .*; call the function that makes it$/
    )
    assert.match(thrown(() => names("batches").call({})).message, /streams no prediction/)
    const nowhere = BlockingStream.module<{ readonly program: typeof programs }>(
      new URL("./nowhere.ts", import.meta.url)
    )
    const gone = thrown(() => (nowhere as unknown as typeof names)("program").call({}))
    assert.match(gone.message, /nowhere\.ts/)
    assert.strictEqual(gone.code, "ERR_MODULE_NOT_FOUND")
    nowhere.dispose()
  })
})

describe("leaving a loop", { timeout: 30_000 }, () => {
  it("interrupts the run, and waits until it has closed what it holds", () => {
    const closed = shared()
    for (const event of programs("endless").stream({ closed })) {
      assert.strictEqual(event, "begun")
      break
    }
    assert.strictEqual(Atomics.load(closed, 0), 1)
  })

  it("by an error, which is thrown as it is", () => {
    const closed = shared()
    const error = thrown(() => {
      for (const event of programs("endless").stream({ closed })) throw new Error(event)
    })
    assert.strictEqual(error.message, "begun")
    assert.strictEqual(Atomics.load(closed, 0), 1)
  })

  it("by disposal, which interrupts what still runs; a later use starts again", () => {
    const closed = shared()
    const own = BlockingStream.module<typeof Local>(file)
    const left = own("endless").stream({ closed })[Symbol.iterator]()
    assert.strictEqual(left.next().value, "begun")
    own.dispose()
    assert.strictEqual(Atomics.load(closed, 0), 1)
    const { message, name } = thrown(() => left.next())
    assert.strictEqual(name, "AbortError")
    assert.match(message, /^'endless' of .*local\.ts was disposed$/)
    assert.strictEqual(own().call({ n: 1 }).twice, 2)
    own.dispose()
  })

  it("whose body is slower than the program, or one of two, leaves the other and their thread as they are", () => {
    const other = programs("counting").stream({ pulled: shared(), most: 100 })[Symbol.iterator]()
    assert.strictEqual(other.next().value, 1)
    for (const last of [1, 3]) {
      const pulled = shared()
      for (const n of programs("counting").stream({ pulled, most: 1_000_000 })) {
        // As far ahead as the program may be: batches wait here that nobody will read.
        while (Atomics.load(pulled, 0) < n + 5) Atomics.wait(shared(), 0, 0, 1)
        if (n === last) break
      }
    }
    assert.deepStrictEqual([...{ [Symbol.iterator]: () => other }], Array.from({ length: 99 }, (_, i) => i + 2))
  })

  it("whose program computes for ever ends the thread after the time limit; the next use starts another", () => {
    const own = BlockingStream.module<typeof Local>(file, { closeTimeout: "50 millis" })
    const other = own("endless").stream({ closed: shared() })[Symbol.iterator]()
    assert.strictEqual(other.next().value, "begun")
    for (const event of own("spinning").stream({})) {
      assert.strictEqual(event, "begun")
      break
    }
    assert.instanceOf(thrown(() => other.next()), BlockingStream.WorkerError)
    assert.strictEqual(own().call({ n: 1 }).twice, 2)
    own.dispose()
  })
})

it("a time limit for closing is a duration of 0 or more", () => {
  for (const closeTimeout of [NaN, -1, "-Infinity", "soon" as never] as const) {
    assert.throws(
      () => BlockingStream.module(file, { closeTimeout }),
      TypeError,
      /`closeTimeout` is .*it is a duration/
    )
  }
  for (const closeTimeout of [0, "1 second", Infinity] as const) BlockingStream.module(file, { closeTimeout })
})

describe("a worker that dies", { timeout: 30_000 }, () => {
  const dies = (how: "exit" | "error" | "nothing") => {
    const { error, events } = outcome(programs("dying").stream({ how }))
    assert.deepStrictEqual(events, ["begun"])
    assert.strictEqual(programs().call({ n: 1 }).twice, 2, "the next use starts another")
    return error as BlockingStream.WorkerError
  }

  it("by process.exit", () => {
    const error = dies("exit")
    assert.instanceOf(error, BlockingStream.WorkerError)
    assert.strictEqual(error.exitCode, 3)
    assert.match(error.message, /local\.ts: the worker thread ended \(exit code 3\)/)
  })

  it("by an error that nobody catches", () => {
    const error = dies("error")
    assert.match(error.message, /nobody catches this/)
    assert.instanceOf(error.cause, Error)
  })

  it("by a thrown nothing", () => {
    assert.instanceOf(dies("nothing"), BlockingStream.WorkerError)
  })
})
