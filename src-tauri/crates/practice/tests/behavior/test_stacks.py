"""CloudFormation: order, failures, updates, change sets."""

import json
import time

from account import AccountTest, client, eventually
from botocore.exceptions import ClientError


def network(**more):
    """A few resources that depend on each other."""
    return {
        "Parameters": {"Value": {"Type": "String", "Default": "one"}},
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.1.0.0/24"}},
            "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
            "Nat": {
                "Type": "AWS::EC2::NatGateway",
                "Properties": {
                    "SubnetId": {"Ref": "Subnet"},
                    "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
                },
            },
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "g", "VpcId": {"Ref": "Vpc"}},
            },
            "Rule": {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {
                    "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
                    "IpProtocol": "tcp",
                    "FromPort": 80,
                    "ToPort": 80,
                    "SourcePrefixListId": "pl-3b927c52",
                },
            },
            "Note": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Value"}}},
            **more,
        },
        "Outputs": {"Group": {"Value": {"Ref": "Group"}}},
    }


class Stacks(AccountTest):
    """What a deployment shows while it runs and when it fails."""

    def test_resources_appear_one_by_one_and_really_exist(self):
        began = time.monotonic()
        self.assertEqual(self.deploy("appear", network()), "CREATE_COMPLETE")
        self.assertGreater(time.monotonic() - began, 0.1, "nothing to watch")
        group = client("cloudformation").describe_stacks(StackName="appear")["Stacks"][0]["Outputs"][0]["OutputValue"]
        rules = client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
        self.assertEqual([rule["PrefixListIds"][0]["PrefixListId"] for rule in rules], ["pl-3b927c52"])
        names = [name for name, status, _ in self.events("appear") if status == "CREATE_COMPLETE"]
        self.assertLess(names.index("Address"), names.index("Nat"))
        client("cloudformation").delete_stack(StackName="appear")

        def gone():
            groups = client("ec2").describe_security_groups()["SecurityGroups"]
            return group not in [each["GroupId"] for each in groups]

        eventually(gone, what="the deletion of the security group")

    def test_a_failing_resource_rolls_the_stack_back_and_is_named(self):
        self.faults({"cfn": {"AWS::EC2::NatGateway": "Elastic IP address quota exceeded"}})
        self.assertEqual(self.deploy("fails", network()), "ROLLBACK_COMPLETE")
        events = self.events("fails")
        self.assertIn(("Nat", "CREATE_FAILED", "Elastic IP address quota exceeded"), events)
        reason = "The following resource(s) failed to create: [Nat]. Rollback requested by user."
        self.assertIn(("fails", "ROLLBACK_IN_PROGRESS", reason), events)
        self.assertIn(("Vpc", "DELETE_COMPLETE", ""), events)
        with self.assertRaisesRegex(ClientError, "ROLLBACK_COMPLETE state"):
            self.deploy("fails", network(), update=True)

    def test_independent_resources_run_side_by_side_and_are_cancelled_together(self):
        functions = {
            f"Slow{number}": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
            for number in range(3)
        }
        topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
        self.faults({"cfn": {"Topic": "topic quota exceeded"}})
        template = {"Resources": {**functions, "Topic": topic}}
        self.assertEqual(self.deploy("beside", template, Capabilities=["CAPABILITY_IAM"]), "ROLLBACK_COMPLETE")
        events = self.events("beside")
        failed = [(name, reason) for name, status, reason in events if status == "CREATE_FAILED"]
        self.assertEqual(failed[0], ("Topic", "topic quota exceeded"))
        self.assertEqual(sorted(failed[1:]), [(name, "Resource creation cancelled") for name in sorted(functions)])
        began = [name for name, status, _ in events if status == "CREATE_IN_PROGRESS" and name != "beside"]
        self.assertEqual(sorted(began), sorted({"Topic", *functions}), "each begins once")

    def test_a_circle_of_resources_fails_and_does_not_hang(self):
        circle = {
            "A": {"Type": "AWS::SNS::Topic", "DependsOn": "B", "Properties": {}},
            "B": {"Type": "AWS::SNS::Topic", "DependsOn": "A", "Properties": {}},
        }
        try:
            status = self.deploy("circle", {"Resources": circle})
        except ClientError as error:
            status = str(error)
        self.assertRegex(status, "(?i)circular|CREATE_FAILED")

    def test_an_update_reports_only_what_changes(self):
        self.deploy("changes", network())
        before = len(self.events("changes"))
        topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
        self.assertEqual(self.deploy("changes", network(Topic=topic), {"Value": "two"}, update=True), "UPDATE_COMPLETE")
        events = [(name, status) for name, status, _ in self.events("changes")[before:] if name != "changes"]
        expected = {("Note", "UPDATE_IN_PROGRESS"), ("Note", "UPDATE_COMPLETE")}
        expected |= {("Topic", "CREATE_IN_PROGRESS"), ("Topic", "CREATE_COMPLETE")}
        self.assertEqual(set(events), expected)
        with self.assertRaisesRegex(ClientError, "No updates are to be performed"):
            self.deploy("changes", network(Topic=topic), {"Value": "two"}, update=True)

    def test_a_failing_update_returns_to_what_was(self):
        self.deploy("returns", network())
        self.faults({"cfn": {"Topic": "topic quota exceeded"}})
        topic = {"Type": "AWS::SNS::Topic", "DependsOn": "Note", "Properties": {}}
        self.assertEqual(
            self.deploy("returns", network(Topic=topic), {"Value": "two"}, update=True), "UPDATE_ROLLBACK_COMPLETE"
        )
        self.assertIn(("Topic", "CREATE_FAILED", "topic quota exceeded"), self.events("returns"))
        parameters = client("cloudformation").describe_stacks(StackName="returns")["Stacks"][0]["Parameters"]
        self.assertEqual(parameters, [{"ParameterKey": "Value", "ParameterValue": "one"}])

    def test_change_sets_for_creation_and_update(self):
        cloudformation = client("cloudformation")

        def change_set(kind, name, template):
            cloudformation.create_change_set(
                StackName="reviewed", ChangeSetName=name, ChangeSetType=kind, TemplateBody=json.dumps(template)
            )
            changes = cloudformation.describe_change_set(StackName="reviewed", ChangeSetName=name)["Changes"]
            cloudformation.execute_change_set(StackName="reviewed", ChangeSetName=name)
            self.assertEqual(self.settled("reviewed"), f"{kind}_COMPLETE")
            return {(c["ResourceChange"]["Action"], c["ResourceChange"]["LogicalResourceId"]) for c in changes}

        self.assertIn(("Add", "Nat"), change_set("CREATE", "first", network()))
        topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
        self.assertEqual(change_set("UPDATE", "second", network(Topic=topic)), {("Add", "Topic")})

    def test_roles_need_their_capability(self):
        role = {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
        }
        with self.assertRaisesRegex(ClientError, "CAPABILITY_IAM"):
            self.deploy("capable", {"Resources": {"Role": role}})
        policy = {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {
                "RoleName": {"Ref": "Role"},
                "PolicyName": "extra",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
                },
            },
        }
        template = {"Resources": {"Role": role, "Extra": policy}, "Outputs": {"Role": {"Value": {"Ref": "Role"}}}}
        self.assertEqual(self.deploy("capable", template, Capabilities=["CAPABILITY_IAM"]), "CREATE_COMPLETE")
        name = client("cloudformation").describe_stacks(StackName="capable")["Stacks"][0]["Outputs"][0]["OutputValue"]
        self.assertEqual(client("iam").list_role_policies(RoleName=name)["PolicyNames"], ["extra"])

    def test_the_name_of_a_secret_is_taken_once_and_ref_is_its_arn(self):
        secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "shop/app", "SecretString": "{}"}}
        template = {"Resources": {"Secret": secret}, "Outputs": {"Arn": {"Value": {"Ref": "Secret"}}}}
        self.assertEqual(self.deploy("secret", template), "CREATE_COMPLETE")
        arn = client("cloudformation").describe_stacks(StackName="secret")["Stacks"][0]["Outputs"][0]["OutputValue"]
        self.assertRegex(arn, r"^arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/app-")
        self.assertEqual(self.deploy("again", template), "ROLLBACK_COMPLETE")
        self.assertTrue(any("already exists" in reason for _, _, reason in self.events("again")))

        secrets = client("secretsmanager")
        first = secrets.get_secret_value(SecretId=arn)
        second = secrets.put_secret_value(SecretId=arn, SecretString='{"KEY": "value"}')["VersionId"]
        self.assertNotEqual(first["VersionId"], second)
        self.assertEqual(secrets.get_secret_value(SecretId="shop/app")["VersionId"], second)
        old = secrets.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
        self.assertEqual((old["VersionId"], old["SecretString"]), (first["VersionId"], "{}"))

        client("cloudformation").delete_stack(StackName="secret")

        def gone():
            return all(each["Name"] != "shop/app" for each in secrets.list_secrets()["SecretList"])

        eventually(gone, what="the deletion of the secret")

    def test_a_function_needs_its_code(self):
        client("s3").create_bucket(Bucket="code-bucket")
        code = {"S3Bucket": "code-bucket", "S3Key": "tools/migrator.zip"}
        properties = {
            "Code": code,
            "Handler": "index.handler",
            "Runtime": "nodejs24.x",
            "Role": "arn:aws:iam::111122223333:role/r",
        }
        template = {"Resources": {"Migrator": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
        self.assertEqual(self.deploy("function", template), "ROLLBACK_COMPLETE")
        self.assertTrue(any("tools/migrator.zip" in reason for _, _, reason in self.events("function")))

    def test_a_bucket_with_something_in_it_and_a_protected_database_stay(self):
        database = {
            "Engine": "postgres",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": "20",
            "DeletionProtection": True,
        }
        credentials = {"MasterUsername": "owner", "MasterUserPassword": "not-a-secret-here"}
        resources = {
            "Kept": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept-bucket"}},
            "Database": {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {"DBInstanceIdentifier": "kept-db", **database, **credentials},
            },
            "Empty": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "empty-bucket"}},
        }
        self.assertEqual(self.deploy("stays", {"Resources": resources}), "CREATE_COMPLETE")
        client("s3").put_object(Bucket="kept-bucket", Key="a", Body=b"a")
        client("cloudformation").delete_stack(StackName="stays")
        self.assertEqual(self.settled("stays"), "DELETE_FAILED")
        failed = {name: reason for name, status, reason in self.events("stays") if status == "DELETE_FAILED"}
        self.assertIn("is not empty", failed["Kept"])
        self.assertIn("protected DB Instance", failed["Database"])
        self.assertNotIn("Empty", failed)
        client("s3").delete_object(Bucket="kept-bucket", Key="a")
        client("rds").modify_db_instance(
            DBInstanceIdentifier="kept-db", DeletionProtection=False, ApplyImmediately=True
        )
        client("cloudformation").delete_stack(StackName="stays")
        eventually(
            lambda: "kept-bucket" not in [b["Name"] for b in client("s3").list_buckets()["Buckets"]],
            what="the deletion",
        )

    def test_what_a_rollback_could_not_delete_stays_part_of_the_stack(self):
        database = {
            "Engine": "postgres",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": "20",
            "DBInstanceIdentifier": "left-db",
            "DeletionProtection": True,
            "MasterUsername": "owner",
            "MasterUserPassword": "not-a-secret-here",
        }
        self.faults({"cfn": {"Topic": "topic quota exceeded"}})
        topic = {"Type": "AWS::SNS::Topic", "DependsOn": "Database", "Properties": {}}
        resources = {"Database": {"Type": "AWS::RDS::DBInstance", "Properties": database}, "Topic": topic}
        self.assertEqual(self.deploy("left", {"Resources": resources}), "ROLLBACK_FAILED")
        listed = client("cloudformation").list_stack_resources(StackName="left")["StackResourceSummaries"]
        left = [(each["LogicalResourceId"], each["PhysicalResourceId"], each["ResourceStatus"]) for each in listed]
        self.assertIn(("Database", "left-db", "DELETE_FAILED"), left)
        client("rds").modify_db_instance(
            DBInstanceIdentifier="left-db", DeletionProtection=False, ApplyImmediately=True
        )
        client("cloudformation").delete_stack(StackName="left")

        def gone():
            databases = client("rds").describe_db_instances()["DBInstances"]
            return "left-db" not in [each["DBInstanceIdentifier"] for each in databases]

        eventually(gone, what="the deletion of the database")

    def test_what_a_plan_asks_about_the_region(self):
        filters = [{"Name": "prefix-list-name", "Values": ["com.amazonaws.global.cloudfront.origin-facing"]}]
        lists = client("ec2").describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
        self.assertRegex(lists[0]["PrefixListId"], r"^pl-[0-9a-f]{8,17}$")
        zones = client("ec2").describe_availability_zones()["AvailabilityZones"]
        self.assertGreaterEqual(len(zones), 2)
        name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
        self.assertRegex(client("ssm").get_parameter(Name=name)["Parameter"]["Value"], "^ami-")
