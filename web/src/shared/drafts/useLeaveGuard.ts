import { useBlocker } from '@tanstack/react-router'
import { useConfirm } from '@/shared/components/confirm'
import { useMessages } from '@/shared/i18n/messages'

type Place = { pathname: string }

/**
 * Asks before unsaved changes are left for another page or by closing the window. Other tabs and environments of the same
 * flag may be looked at: the draft is kept for when somebody comes back.
 */
export function useLeaveGuard(dirty: boolean, onLeave: () => void) {
  const m = useMessages()
  const confirm = useConfirm()
  useBlocker({
    disabled: !dirty,
    enableBeforeUnload: dirty,
    shouldBlockFn: async ({ current, next }: { current: Place; next: Place }) => {
      if (current.pathname === next.pathname) {
        return false
      }
      const leaves = await confirm({
        title: m.save.leaveTitle,
        text: m.save.leaveText,
        confirm: m.save.leave,
        cancel: m.save.stay,
        danger: true,
      })
      if (leaves) {
        onLeave()
      }
      return !leaves
    },
  })
}
