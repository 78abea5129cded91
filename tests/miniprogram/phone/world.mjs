// The local world: started, asked, told, and stopped, whatever happens.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
const START_TIMEOUT_MS = 900_000 // a cold build included
const STOP_TIMEOUT_MS = 10_000

/** The command that starts it. SIMULATOR names the program; else it is the built one, else it is built. */
function command() {
  if (process.env.SIMULATOR) return [path.resolve(process.env.SIMULATOR)]
  const built = path.join(ROOT, 'target/debug/simulator')
  return existsSync(built) ? [built] : ['cargo', 'run', '--quiet', '--']
}

export class World {
  #process
  #ended
  /** What it logged. */
  log = ''

  /** Listens on eight ports from `basePort`; `more` are further arguments. */
  static async start({ basePort, now, more = [] }) {
    const world = new World()
    world.control = `http://127.0.0.1:${basePort}`
    world.api = `http://127.0.0.1:${basePort + 2}`
    /** Where its clock stands, in milliseconds. */
    world.now = Date.parse(now)
    const [program, ...first] = command()
    const rest = ['--pace', 'explicit', '--now', now, '--base-port', String(basePort), ...more]
    // A group of its own: cargo, and what cargo starts.
    world.#process = spawn(program, [...first, ...rest], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    world.#process.stderr.setEncoding('utf8').on('data', (text) => (world.log += text))
    world.#ended = new Promise((resolve) => {
      world.#process.once('error', (error) => resolve(error.message))
      world.#process.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`))
    })
    try {
      await world.#untilUp()
    } catch (error) {
      await world.stop()
      throw error
    }
    return world
  }

  async #untilUp() {
    const up = async () => {
      const giveUpAt = performance.now() + START_TIMEOUT_MS
      while (performance.now() < giveUpAt) {
        try {
          await this.get('/sim/clock')
          return 'up'
        } catch {
          await wait(100)
        }
      }
      return 'it did not come up'
    }
    const outcome = await Promise.race([up(), this.#ended])
    if (outcome !== 'up') throw new Error(`the local world: ${outcome}\n${this.log}`)
  }

  async stop() {
    const gone = this.#ended.then(() => true)
    this.#signal('SIGTERM')
    const late = wait(STOP_TIMEOUT_MS, false, { ref: false })
    if (!(await Promise.race([gone, late]))) this.#signal('SIGKILL')
  }

  /** At once and without waiting, for when the process has to go. */
  kill() {
    this.#signal('SIGTERM')
  }

  #signal(name) {
    try {
      process.kill(-this.#process.pid, name)
    } catch {
      // It is gone already, or never was.
    }
  }

  async get(path) {
    return this.#answer(path, await fetch(this.control + path))
  }

  async post(path, document = {}) {
    const headers = { 'content-type': 'application/json' }
    return this.#answer(
      path,
      await fetch(this.control + path, { method: 'POST', headers, body: JSON.stringify(document) }),
    )
  }

  async #answer(path, answer) {
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : null
  }

  /** Time passes, and everything due on the way happens. */
  async passesTo(instant) {
    const { now } = await this.post('/sim/clock', { advance_to: instant })
    this.now = Date.parse(now)
  }

  async passes(span) {
    const { now } = await this.post('/sim/clock', { advance: span })
    this.now = Date.parse(now)
  }
}
