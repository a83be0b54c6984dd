/**
 * What is used of `node-llama-cpp` 3.22. It is installed when it is needed, so its own types are not there.
 */

export interface Disposable {
  readonly dispose: () => Promise<void>
}

export interface NodeLlamaCpp {
  readonly getLlama: (options: {
    readonly gpu: "metal" | false
    readonly build: "never"
    readonly skipDownload: boolean
    readonly progressLogs: boolean
    readonly logLevel: "error"
    readonly logger: () => void
    readonly maxThreads: number
  }) => Promise<Llama>
  readonly resolveChatWrapper: (model: LlamaModel) => ChatWrapper
  readonly LlamaGrammarEvaluationState: new(options: {
    readonly model: LlamaModel
    readonly grammar: LlamaGrammar
  }) => LlamaGrammarEvaluationState
}

export interface Llama extends Disposable {
  readonly loadModel: (options: { readonly modelPath: string; readonly loadSignal: AbortSignal }) => Promise<LlamaModel>
  readonly createGrammar: (options: { readonly grammar: string }) => Promise<LlamaGrammar>
}

export interface LlamaModel extends Disposable {
  readonly trainContextSize: number
  readonly tokenizer: Tokenizer
  readonly tokens: { readonly bos: number | null; readonly shouldPrependBosToken: boolean }
  readonly tokenize: (text: string, specialTokens: boolean, options: "trimLeadingSpace") => ReadonlyArray<number>
  readonly detokenize: (tokens: ReadonlyArray<number>, special: boolean, lastTokens: ReadonlyArray<number>) => string
  readonly createContext: (options: {
    readonly contextSize: number
    readonly sequences: number
    readonly threads: number
    readonly createSignal: AbortSignal
  }) => Promise<LlamaContext>
}

export interface LlamaContext extends Disposable {
  readonly contextSize: number
  readonly getSequence: () => LlamaContextSequence
}

export interface LlamaContextSequence {
  readonly nextTokenIndex: number
  readonly adaptStateToTokens: (tokens: ReadonlyArray<number>, allowShift: boolean) => Promise<void>
  readonly evaluateWithoutGeneratingNewTokens: (tokens: ReadonlyArray<number>) => Promise<void>
  readonly evaluate: (tokens: ReadonlyArray<number>, options: {
    readonly temperature: number
    readonly topP?: number
    readonly topK?: number
    readonly seed?: number
    readonly repeatPenalty?: {
      readonly punishTokens: () => ReadonlyArray<number>
      readonly maxPunishTokens: number
      readonly penalty: number
    }
    readonly grammarEvaluationState?: LlamaGrammarEvaluationState
  }) => AsyncGenerator<number, void, void>
}

interface ChatWrapper {
  readonly generateContextState: (options: { readonly chatHistory: ReadonlyArray<ChatItem> }) => {
    readonly contextText: LlamaText
    readonly stopGenerationTriggers: ReadonlyArray<LlamaText>
  }
}

export type ChatItem =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: ReadonlyArray<string> }

interface LlamaText {
  readonly values: ReadonlyArray<unknown>
  readonly tokenize: (tokenizer: Tokenizer) => ReadonlyArray<number>
}

/** Handed from one place to another, never looked into. */
interface Tokenizer {
  readonly isEogToken: (token: number) => boolean
}

interface LlamaGrammar {
  readonly grammar: string
}

interface LlamaGrammarEvaluationState {
  readonly clone: () => LlamaGrammarEvaluationState
}
