// What a team would write with the CDK for an application like the example: the same three stacks, with the CDK's own constructs and
// their defaults. It is here to be measured (`scripts/bench-plan`), not to be deployed.
import * as cdk from "aws-cdk-lib";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as origins from "aws-cdk-lib/aws-cloudfront-origins";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as codebuild from "aws-cdk-lib/aws-codebuild";
import * as codepipeline from "aws-cdk-lib/aws-codepipeline";
import * as actions from "aws-cdk-lib/aws-codepipeline-actions";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as ecr from "aws-cdk-lib/aws-ecr";
import * as ecs from "aws-cdk-lib/aws-ecs";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import * as rds from "aws-cdk-lib/aws-rds";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";

const app = new cdk.App({ context: { "@aws-cdk/core:defaultCrossStackReferences": "strong" } });
const env = { region: "eu-west-1", account: "111122223333" };
const bucket = (scope, id) =>
  new s3.Bucket(scope, id, {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    removalPolicy: cdk.RemovalPolicy.DESTROY,
  });
const log = (scope, id, name) =>
  new logs.LogGroup(scope, id, {
    logGroupName: `/peer/${name}`,
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: cdk.RemovalPolicy.DESTROY,
  });

class Base extends cdk.Stack {
  // Otherwise the CDK would ask the account.
  get availabilityZones() {
    return ["eu-west-1a", "eu-west-1b"];
  }

  constructor(scope, id, props) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, "Network", {
      ipAddresses: ec2.IpAddresses.cidr("10.40.0.0/16"),
      natGateways: 1,
      subnetConfiguration: [
        { name: "public", subnetType: ec2.SubnetType.PUBLIC, cidrMask: 20 },
        { name: "private", subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 },
        { name: "isolated", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    const group = (name, description) =>
      new ec2.SecurityGroup(this, name, { vpc, description, allowAllOutbound: name !== "DatabaseGroup" });
    const balancerGroup = group("LoadBalancerGroup", "CloudFront to the load balancer");
    balancerGroup.addIngressRule(ec2.Peer.prefixList("pl-4fa04526"), ec2.Port.tcp(80), "CloudFront");
    const serverGroup = group("ServerGroup", "Servers");
    serverGroup.addIngressRule(balancerGroup, ec2.Port.tcp(3000), "Load balancer");
    const migratorGroup = group("MigratorGroup", "Migrations");
    const databaseGroup = group("DatabaseGroup", "Database");
    for (const from of [serverGroup, migratorGroup]) databaseGroup.addIngressRule(from, ec2.Port.tcp(5432));

    const database = new rds.DatabaseInstance(this, "Database", {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [databaseGroup],
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 }),
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
      credentials: rds.Credentials.fromGeneratedSecret("app"),
      databaseName: "app",
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      storageType: rds.StorageType.GP3,
      storageEncrypted: true,
      backupRetention: cdk.Duration.days(7),
      deletionProtection: true,
      cloudwatchLogsExports: ["postgresql", "upgrade"],
      parameters: { "rds.force_ssl": "1" },
    });
    const secret = new secretsmanager.Secret(this, "AppSecret", { secretObjectValue: {} });
    const password = new secretsmanager.Secret(this, "OriginHeaderSecret", {
      generateSecretString: { excludePunctuation: true, passwordLength: 32 },
    });

    const migrator = new lambda.Function(this, "Migrator", {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => {};"),
      timeout: cdk.Duration.minutes(15),
      memorySize: 1769,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [migratorGroup],
      logGroup: log(this, "MigratorLogs", "migrate"),
      environment: { APP_SECRET: secret.secretArn, DATABASE_SECRET: database.secret.secretArn },
    });
    secret.grantRead(migrator);
    database.secret.grantRead(migrator);

    const balancer = new elb.ApplicationLoadBalancer(this, "LoadBalancer", {
      vpc,
      internetFacing: true,
      securityGroup: balancerGroup,
      idleTimeout: cdk.Duration.seconds(70),
    });
    balancer.logAccessLogs(bucket(this, "LogBucket"));
    const listener = balancer.addListener("Listener", {
      port: 80,
      open: false,
      defaultAction: elb.ListenerAction.fixedResponse(403),
    });
    this.targets = new elb.ApplicationTargetGroup(this, "TargetGroup", {
      vpc,
      port: 3000,
      protocol: elb.ApplicationProtocol.HTTP,
      targetType: elb.TargetType.IP,
      healthCheck: { path: "/api/health", interval: cdk.Duration.seconds(10), timeout: cdk.Duration.seconds(5) },
      deregistrationDelay: cdk.Duration.seconds(30),
    });
    listener.addAction("Servers", {
      priority: 1,
      conditions: [elb.ListenerCondition.httpHeader("X-Origin", [password.secretValue.unsafeUnwrap()])],
      action: elb.ListenerAction.forward([this.targets]),
    });

    const files = bucket(this, "UiBucket");
    new cloudfront.Distribution(this, "Distribution", {
      defaultRootObject: "index.html",
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(files),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
        functionAssociations: [
          {
            eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
            function: new cloudfront.Function(this, "SpaFunction", {
              code: cloudfront.FunctionCode.fromInline("function handler(event) { return event.request; }"),
            }),
          },
        ],
      },
      additionalBehaviors: {
        "/api/*": {
          origin: new origins.LoadBalancerV2Origin(balancer, {
            protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY,
            customHeaders: { "X-Origin": password.secretValue.unsafeUnwrap() },
          }),
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
          allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
          cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
          originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        },
      },
    });
    this.cluster = new ecs.Cluster(this, "Cluster", { vpc, enableFargateCapacityProviders: true });
    Object.assign(this, { vpc, serverGroup, balancer, secret, database, files, migrator });
  }
}

class Service extends cdk.Stack {
  constructor(scope, id, { base, images, ...props }) {
    super(scope, id, props);
    const task = new ecs.FargateTaskDefinition(this, "Server", {
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
    task.addContainer("api", {
      image: ecs.ContainerImage.fromEcrRepository(images, "release"),
      environment: { NODE_ENV: "production", PORT: "3000" },
      secrets: {
        JWT_SECRET: ecs.Secret.fromSecretsManager(base.secret, "JWT_SECRET"),
        DATABASE_PASSWORD: ecs.Secret.fromSecretsManager(base.database.secret, "password"),
      },
      portMappings: [{ containerPort: 3000 }],
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: "api", logGroup: log(this, "ServerLogs", "api") }),
    });
    const errors = new cloudwatch.Alarm(this, "Errors", {
      metric: base.targets.metrics.httpCodeTarget(elb.HttpCodeTarget.TARGET_5XX_COUNT),
      threshold: 20,
      evaluationPeriods: 3,
    });
    const service = new ecs.FargateService(this, "Servers", {
      cluster: base.cluster,
      taskDefinition: task,
      securityGroups: [base.serverGroup],
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      circuitBreaker: { rollback: true },
      deploymentAlarms: { alarmNames: [errors.alarmName], behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM },
      minHealthyPercent: 100,
    });
    // The target group belongs to the other stack; the low-level resource knows it by its address.
    service.node.defaultChild.loadBalancers = [
      { targetGroupArn: base.targets.targetGroupArn, containerName: "api", containerPort: 3000 },
    ];
    service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 4 }).scaleOnCpuUtilization("Load", { targetUtilizationPercent: 60 });
  }
}

class Pipeline extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.images = new ecr.Repository(this, "Images", {
      imageScanOnPush: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      emptyOnDelete: true,
      removalPolicy: cdk.RemovalPolicy.DESTROY,
      lifecycleRules: [{ maxImageCount: 30 }],
    });
    const artifacts = bucket(this, "ArtifactBucket");
    const buildLogs = log(this, "BuildLogs", "build");
    const project = (name, file) =>
      new codebuild.PipelineProject(this, name, {
        buildSpec: codebuild.BuildSpec.fromSourceFilename(file),
        environment: { buildImage: codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, privileged: name === "BuildApi" },
        logging: { cloudWatch: { logGroup: buildLogs } },
      });
    const [api, ui, release] = [
      project("BuildApi", "buildspec-api.yml"),
      project("BuildUi", "buildspec-ui.yml"),
      project("Release", "buildspec-release.yml"),
    ];
    this.images.grantPullPush(api);
    release.addToRolePolicy(new iam.PolicyStatement({ actions: ["cloudfront:CreateInvalidation"], resources: ["*"] }));
    const [code, infra, page] = ["Code", "Infra", "UiFiles"].map((name) => new codepipeline.Artifact(name));
    const source = new actions.CodeStarConnectionsSourceAction({
      actionName: "Code",
      owner: "acme",
      repo: "guestbook",
      branch: "main",
      connectionArn: "arn:aws:codeconnections:eu-west-1:111122223333:connection/00000000-0000-4000-8000-000000000000",
      output: code,
      triggerOnPush: false,
    });
    const stack = (actionName, stackName) =>
      new actions.CloudFormationCreateUpdateStackAction({
        actionName,
        stackName,
        templatePath: infra.atPath(`${stackName}.template.json`),
        adminPermissions: false,
        cfnCapabilities: [cdk.CfnCapabilities.ANONYMOUS_IAM],
      });
    const build = (actionName, of, outputs) =>
      new actions.CodeBuildAction({ actionName, project: of, input: infra, extraInputs: [code], outputs });
    new codepipeline.Pipeline(this, "Pipeline", {
      pipelineType: codepipeline.PipelineType.V2,
      executionMode: codepipeline.ExecutionMode.QUEUED,
      artifactBucket: artifacts,
      triggers: [
        {
          providerType: codepipeline.ProviderType.CODE_STAR_SOURCE_CONNECTION,
          gitConfiguration: { sourceAction: source, pushFilter: [{ branchesIncludes: ["main"], filePathsIncludes: ["**"] }] },
        },
      ],
      stages: [
        {
          stageName: "Source",
          actions: [
            source,
            new actions.S3SourceAction({
              actionName: "Infra",
              bucket: artifacts,
              bucketKey: "infra/infra.zip",
              output: infra,
              trigger: actions.S3Trigger.NONE,
            }),
          ],
        },
        { stageName: "Build", actions: [stack("Infrastructure", "base"), build("Api", api), build("Ui", ui, [page])] },
        { stageName: "Migrate", actions: [build("Migrate", release)] },
        { stageName: "Deploy", actions: [stack("Service", "service"), build("PublishUi", release)] },
      ],
    });
  }
}

const pipeline = new Pipeline(app, "pipeline", { env });
const base = new Base(app, "base", { env });
new Service(app, "service", { env, base, images: pipeline.images });
