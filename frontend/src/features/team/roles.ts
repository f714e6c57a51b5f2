import type { Role } from '@/api/types';

export const roles: readonly Role[] = ['administrator', 'supervisor', 'agent', 'viewer'];
