import { createContext } from 'react'
import type { TargetingFix } from '../api/types'

/**
 * Carries out a fix on the draft that is edited. Null while the problems are about a draft that has changed since: the places that they name may be others by now.
 * Undefined where nothing is edited.
 */
export const FixContext = createContext<((fix: TargetingFix) => void) | null | undefined>(undefined)
