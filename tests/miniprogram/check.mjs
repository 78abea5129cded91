// Clicks through the mini program in a local world of its own, and says what it saw.
//
//   tests/miniprogram/check [--base-port 9500] [SCENE …]
//
// SIMULATOR names the program of the local world; see phone/world.mjs.

import { parseArgs } from 'node:util'

import { scenes } from './scenes/index.mjs'
import { World } from './phone/world.mjs'

// Where the user lives; before anything asks what time it is.
process.env.TZ = 'Asia/Shanghai'

const NOW = '2027-01-10T10:00:00+08:00'

const { values, positionals: chosen } = parseArgs({
  options: { 'base-port': { type: 'string', default: '9500' } },
  allowPositionals: true,
})
const basePort = Number(values['base-port'])

let passed = 0
let failed = 0

function check(title, holds, found) {
  if (holds) passed += 1
  else failed += 1
  console.log(`  ${holds ? 'ok    ' : 'FAILED'}  ${title}${holds ? '' : `\n          found: ${found}`}`)
}

/** Both as JSON: what comes out of a page is of another realm. */
function same(title, found, expected) {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  check(title, is === should, `${is}\n          not:   ${should}`)
}

let world = null
const stop = (status) => () => process.exit(status)
process.on('exit', () => world?.kill())
process.on('SIGINT', stop(130))
process.on('SIGTERM', stop(143))
process.on('unhandledRejection', (error) =>
  check('nothing is rejected unheard', false, error?.stack ?? JSON.stringify(error)),
)

for (const { title, more = [], now = NOW, play } of scenes.filter(
  (one) => !chosen.length || chosen.includes(one.title),
)) {
  console.log(title)
  const before = failed
  try {
    world = await World.start({ basePort, now, more })
    await play({ world, check, same })
  } catch (error) {
    check('the scene is played to its end', false, error.stack)
  } finally {
    await world?.stop()
    if (failed > before && world?.log) console.log(`the world said:\n${world.log}`)
    world = null
  }
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
