/**
 * What is measured, for the programs in `peers/`: that folder is a package of its own, in which `effect-lm` names nothing.
 */
export * from "effect-lm"
