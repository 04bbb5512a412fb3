import { Drawer, type DrawerProps } from '@mantine/core'
import { useRequested } from '../changes/useRequested'

/** A dialog at the side of the page. Once the change that is made in it became a change request, it closes. */
export function SideDialog(props: DrawerProps) {
  useRequested(props.opened, props.onClose)
  return <Drawer {...props} />
}
