// What is played. Each scene has a world of its own, whose clock stands at 2027-01-10 10:00 in China.

import { SECRET, relayAlone, withoutDomain } from './cloud.mjs'
import { losses, mistakes, usedUpDay } from './form.mjs'
import { lives } from './lives.mjs'
import { prompts, severalTemplates } from './prompts.mjs'
import { theWholeStory, withoutServiceAccount } from './story.mjs'
import { ways } from './ways.mjs'

export const scenes = [
  { title: 'the whole story', play: theWholeStory },
  { title: 'prompts', play: prompts },
  { title: 'several templates', play: severalTemplates },
  { title: 'mistakes', play: mistakes },
  { title: 'losses', play: losses },
  { title: 'a day used up', play: usedUpDay },
  { title: 'lives', play: lives },
  { title: 'ways to follow', play: ways },
  { title: 'without a service account', more: ['--without-service-account'], play: withoutServiceAccount },
  { title: 'without a domain', more: ['--origin-secret', SECRET], play: withoutDomain },
  { title: 'the relay alone', more: ['--origin-secret', SECRET], play: relayAlone },
]
