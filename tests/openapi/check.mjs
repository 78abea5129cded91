// Holds GET /openapi.json to what tools expect of a description; see README.md.
//
//   tests/openapi/check

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { World } from '../miniprogram/phone/world.mjs'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const BUILD = path.join(HERE, 'build')
const BASE_PORT = 9400

const quiet = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }

/** A tool of node_modules, its output passed on. */
function tool(name, ...args) {
  console.log(`\n${name} ${args.join(' ')}`)
  execFileSync(path.join(HERE, 'node_modules/.bin', name), args, { cwd: HERE, env: quiet, stdio: 'inherit' })
}

const world = await World.start({ basePort: BASE_PORT, now: '2026-11-27T09:00:00+08:00' })
try {
  rmSync(BUILD, { recursive: true, force: true })
  mkdirSync(BUILD)
  const description = await (await fetch(`${world.api}/openapi.json`)).text()
  writeFileSync(path.join(BUILD, 'openapi.json'), JSON.stringify(JSON.parse(description), null, 2))
  tool('redocly', 'lint', '--config', 'redocly.yaml', 'build/openapi.json')
  tool('spectral', 'lint', '--ruleset', '.spectral.yaml', '--fail-severity', 'hint', 'build/openapi.json')
  tool('openapi-typescript', 'build/openapi.json', '--output', 'build/api.d.ts')
  tool('tsc')
  await world.post('/sim/users', { name: 'alice' })
  const { code } = await world.post('/sim/users/alice/login')
  console.log()
  execFileSync(process.execPath, ['build/client.mjs', world.api, code], { cwd: HERE, stdio: 'inherit' })
} finally {
  await world.stop()
}
