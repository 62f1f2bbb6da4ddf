import * as cdk from 'aws-cdk-lib';

/**
 * Declares a parameter of the template. The pipeline fills it in, so its value is not known while the app runs: `ref` stands for it
 * wherever a text, a number or a list is expected.
 */
export function parameter(stack: cdk.Stack, name: string, props: cdk.CfnParameterProps): { readonly ref: any } {
  return { ref: cdk.Fn.ref(new cdk.CfnParameter(stack, name, props).logicalId) };
}
