// What index.d.ts declares is what src/index.mjs exports, neither more nor less.
import * as source from '../../lib/src/index.mjs'
import type * as declared from '../../lib/index.js'

export const asDeclared: typeof declared = source
type Undeclared = Exclude<keyof typeof source, keyof typeof declared>
export const undeclared: [Undeclared] extends [never] ? true : Undeclared = true
