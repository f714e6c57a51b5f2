/** The screens for those who have not signed in. */
import { useParams, useSearch } from '@tanstack/react-router';

import { InviteScreen } from '@/features/session/invite-screen';
import { LoginScreen } from '@/features/session/login-screen';
import { ForgotScreen, ResetScreen } from '@/features/session/password-screens';
import { SetupScreen } from '@/features/session/setup-screen';

export const LoginRoute = () => <LoginScreen next={useSearch({ from: '/login' }).next} />;
export const SetupRoute = () => <SetupScreen />;
export const ForgotRoute = () => <ForgotScreen />;
export const ResetRoute = () => <ResetScreen token={useParams({ from: '/reset/$token' }).token} />;
export const InviteRoute = () => <InviteScreen token={useParams({ from: '/invite/$token' }).token} />;
