// The relay of the folder `cloud`, as its cloud runs it: a process with an environment and a port.

import { spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CODE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../cloud/index.js')
const START_TIMEOUT_MS = 10_000

export class Relay {
  #process

  /** Before `api`, with what the owner set; `config` is what the mini program's `config.js` says of it. */
  static async start({ port, api, secret, config, more = {} }) {
    const relay = new Relay()
    const environment = { API_URL: api, PORT: String(port), ...(secret && { ORIGIN_SECRET: secret }), ...more }
    Object.assign(relay, { config, code: CODE, environment, url: `http://127.0.0.1:${port}` })
    relay.#process = spawn(process.execPath, [CODE], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
    relay.said = ''
    relay.#process.stderr.setEncoding('utf8').on('data', (text) => (relay.said += text))
    const giveUpAt = performance.now() + START_TIMEOUT_MS
    for (;;) {
      // Anything it answers; nothing of it is passed on.
      const up = await fetch(relay.url, { method: 'POST', body: 'x'.repeat(70_000) }).catch(() => null)
      if (up) return relay
      if (relay.#process.exitCode !== null || performance.now() > giveUpAt) break
      await wait(50)
    }
    relay.stop()
    throw new Error(`the relay did not come up: ${relay.said}`)
  }

  stop() {
    this.#process.kill('SIGTERM')
  }
}
