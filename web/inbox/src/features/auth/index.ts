export { JoinPage } from "./JoinPage.tsx";
export { NewPasswordField } from "./NewPasswordField.tsx";
export { PASSWORD_MIN } from "./passwordStrength.ts";
export { SignInPage } from "./SignInPage.tsx";
