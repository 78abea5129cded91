// The prepared scenes. Each adds people of its own to the world as it is; its words are `scene_NAME`, `watch_NAME`.

import { Actor, bare, breaks, crowd, passesTo, shows } from './acts.mjs'

const HERD = 30
const MANY = 1000

export const SCENES = {
  async first_steps() {
    shows(await Actor.arrives())
  },

  async mini_program_only() {
    const actor = await Actor.arrives()
    await actor.accepts(3)
    await actor.registers()
    shows(actor)
  },

  async follower() {
    const actor = await Actor.arrives()
    await actor.follows()
    await actor.registers()
    shows(actor)
  },

  async blocked() {
    const actor = await Actor.arrives()
    await actor.follows()
    await actor.accepts(1)
    await actor.registers()
    await actor.does('block')
    shows(actor)
  },

  async used_up() {
    const actor = await Actor.arrives()
    await actor.accepts(1)
    const { pushes } = await actor.registers()
    await passesTo(pushes[0].fires_at)
    await passesTo(pushes[1].fires_at)
    shows(actor)
  },

  async wechat_down() {
    const actor = await Actor.arrives()
    await actor.follows()
    const { pushes } = await actor.registers()
    for (const account of ['mini_program', 'service_account'])
      await breaks({ endpoint: `sends:${account}`, fault: { http_status: 502 }, from: pushes[0].fires_at, for: 'PT1H' })
    shows(actor)
  },

  async lost_answer() {
    const actor = await Actor.arrives()
    await actor.follows()
    await actor.registers()
    await breaks({ endpoint: 'sends:service_account', fault: { drop_reply: true }, times: 1 })
    shows(actor)
  },

  async crash() {
    const actor = await Actor.arrives()
    await actor.accepts(1)
    await actor.registers({ pushes: [30] })
    await breaks({ endpoint: 'dynamodb:UpdateItem', fault: { crash: 'after' }, times: 1 })
    shows(actor)
  },

  async herd(says) {
    let first
    await crowd(
      HERD,
      async (n) => {
        const actor = await Actor.arrives()
        await (n % 3 === 0 ? actor.follows() : n % 3 === 1 ? actor.accepts(1) : undefined)
        await actor.registers({ title: '牛奶', note: '冷藏', inDays: 8, pushes: [7] })
        if (n === 0) first = actor
      },
      says,
    )
    shows(first)
  },

  async thousand(says) {
    await crowd(MANY, (n) => bare(`用户 ${String(n + 1).padStart(4, '0')}`), says)
  },
}
