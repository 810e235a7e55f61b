export { ForgotPage } from "./ForgotPage.tsx";
export { JoinPage } from "./JoinPage.tsx";
export { NewPasswordField } from "./NewPasswordField.tsx";
export { PASSWORD_MIN } from "./passwordStrength.ts";
export { ResetPage } from "./ResetPage.tsx";
export { SignInPage } from "./SignInPage.tsx";
