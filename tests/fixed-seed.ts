import fc from 'fast-check'

const DEFAULT_SEED = 20_261_120

/** Properties try the same inputs on every run, so that the gate says the same of the same commit; the long lane tries others. */
fc.configureGlobal({ seed: Number(process.env.EVALFORGE_TEST_SEED ?? DEFAULT_SEED) })
