/**
 * What is needed of a runtime that holds a model in this process: tokens in, one token after the other out.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LMError } from "../../lm/LMError.ts"

/** A model that is loaded. */
export interface Engine {
  /** As errors and responses name it. */
  readonly model: string
  /** How many tokens the prompt and the answer may have together. */
  readonly contextSize: number
  readonly limits: Limits | undefined
  /** The conversation as the model's chat template writes it, up to where the answer begins. */
  readonly prompt: (messages: ReadonlyArray<ChatMessage>) => Effect.Effect<Prompt, LMError>
  /** The tokens of a text in the middle of an answer. */
  readonly tokenize: (text: string) => ReadonlyArray<number>
  /** The text of tokens that come after others. What is not yet a whole character ends as U+FFFD. */
  readonly detokenize: (tokens: ReadonlyArray<number>, before: ReadonlyArray<number>) => string
  /** A sequence for the scope; waits for a free one. */
  readonly sequence: Effect.Effect<Sequence, never, Scope.Scope>
}

/** What a model that does not know when to stop is held to, where the request holds it to nothing. */
export interface Limits {
  /** The most items of a list or a record in JSON, fewer inside of another; a list has at least one. */
  readonly items: number
  /** The most characters of a string in JSON, fewer inside of a list or a record. */
  readonly characters: number
  /** The most tokens of a text that is a part of the reply. */
  readonly tokens: number
}

/** A place where one answer at a time is generated. It remembers what it has read. */
export interface Sequence {
  /**
   * Reads the context, and generates what follows it until the scope closes. What is the same as in the generation before
   * is not read again.
   */
  readonly generate: (
    context: ReadonlyArray<number>,
    sampling: Sampling
  ) => Effect.Effect<Generation, LMError, Scope.Scope>
}

/** A generation under way. */
export interface Generation {
  /** How many tokens of the context did not have to be read. */
  readonly reused: number
  /** The next token, or `undefined` where the model has said that it is done. Interruption leaves at once. */
  readonly next: Effect.Effect<number | undefined, LMError>
}

/** How tokens are chosen. */
export interface Sampling {
  /** 0 takes the likeliest token. */
  readonly temperature: number
  readonly topP?: number | undefined
  readonly seed?: number | undefined
  /** GBNF that the generated text follows. Without one, repetitions are discouraged. */
  readonly grammar?: string | undefined
}

/** What chat templates know. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
}

/** A conversation, ready to be answered. */
export interface Prompt {
  readonly tokens: ReadonlyArray<number>
  /** Texts that say that the model is done, where its template has them. */
  readonly stops: ReadonlyArray<string>
}
