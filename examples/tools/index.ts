/** Two useful tools: `effect-lm run "question -> answer" --module react --tools examples/tools/index.ts`. */
export * from "./calculator.ts"
export * from "./fetchPage.ts"
