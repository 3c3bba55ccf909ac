import type { ChildProcess } from 'node:child_process'
import type { Channel } from '../../core/channel.ts'

/** The supervisor's end of a forked process. */
export function channelToChild(child: ChildProcess): Channel {
  return {
    send: (message) => {
      if (child.connected) child.send(message as object, () => {})
    },
    onMessage: (listener) => child.on('message', listener),
    onClose: (listener) => child.once('exit', listener),
  }
}

/** The forked process's end. */
export function channelToSupervisor(): Channel {
  return {
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {})
    },
    onMessage: (listener) => process.on('message', listener),
    onClose: (listener) => process.once('disconnect', listener),
  }
}
