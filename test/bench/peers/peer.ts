/** What a contender's program offers, and what it is asked to do. */

/** A program of one library for the benchmark's server. A case that the library does not have is left out. */
export interface Peer {
  /** Reads a reply while it comes, and calls `onFirst` with its first text. Gives how many characters were shown. */
  readonly stream?: (model: string, onFirst: () => void) => Promise<number>
  /** Reads an object while it comes, as the value so far again and again. Gives how many points its list has. */
  readonly object?: (model: string) => Promise<number>
  /** Asks once, and gives the answer. */
  readonly call?: (model: string) => Promise<string>
  /** Runs an agent that calls the tool `add` ten times, and gives its answer. */
  readonly agent?: (model: string) => Promise<string>
}

/** What a contender's file exports as `make`. `form` is how the model writes fields for it: `chat`, `json`, `labels`... */
export type Make = (baseUrl: string, form: string) => Peer | Promise<Peer>

/** The messages of a peer that has no prompts of its own. */
export const question = "What is the capital of France?"

/** Makes a thing for each name, once: a client, an agent, a runtime of a model. */
export const oneEach = <A>(make: (name: string) => A): (name: string) => A => {
  const made = new Map<string, A>()
  return (name) => {
    const found = made.get(name) ?? make(name)
    made.set(name, found)
    return found
  }
}

/** A piece of work that is measured as one. */
export type Job =
  | { readonly kind: "stream" | "object"; readonly tokens: number; readonly times: number }
  | { readonly kind: "call"; readonly concurrency: number; readonly times: number }
  | { readonly kind: "crowd"; readonly streams: number }
  | { readonly kind: "agent"; readonly times: number }

/** What a job took: for all of it, not for a unit. */
export interface Measured {
  readonly cpuMicros: number
  readonly wallMillis: number
  /** Memory in use while all streams of a crowd were under way, above what was before. */
  readonly bytes?: number
  /** When a crowd's streams had shown their first text: half of them, and all but one in a hundred. */
  readonly firstMillis?: number
  readonly lastMillis?: number
  /** How many requests the server got. */
  readonly requests?: number
}

/** What came of a job: what it took, that the library has no such thing, or why there is nothing. */
export type Outcome = { readonly measured: Measured } | { readonly missing: true } | { readonly failed: string }

/** What a contender's process sends, in answer to `Job`s. */
export type Reply = { readonly ready: true } | Outcome
