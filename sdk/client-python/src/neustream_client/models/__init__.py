"""Contains all the data models used in inputs/outputs"""

from .accepted_invitation_body import AcceptedInvitationBody
from .active_stream_body import ActiveStreamBody
from .active_streams_body import ActiveStreamsBody
from .activity_body import ActivityBody
from .activity_day_body import ActivityDayBody
from .activity_figures_body import ActivityFiguresBody
from .allow_list_body import AllowListBody
from .appeal_body import AppealBody
from .authorize_body import AuthorizeBody
from .authorize_url_body import AuthorizeUrlBody
from .branding_body import BrandingBody
from .branding_body_branding_type_0 import BrandingBodyBrandingType0
from .breaker_body import BreakerBody
from .bundle_body import BundleBody
from .bundle_body_bundle import BundleBodyBundle
from .bundles_body import BundlesBody
from .ceilings_body import CeilingsBody
from .charge_body import ChargeBody
from .charges_body import ChargesBody
from .chat_message_body import ChatMessageBody
from .chat_messages_body import ChatMessagesBody
from .check_body import CheckBody
from .client_body import ClientBody
from .client_shown_body import ClientShownBody
from .clients_body import ClientsBody
from .config_error_body import ConfigErrorBody
from .configure_installation_body import ConfigureInstallationBody
from .confirm_body import ConfirmBody
from .confirm_body_returned import ConfirmBodyReturned
from .connection_body import ConnectionBody
from .connections_body import ConnectionsBody
from .connector_body import ConnectorBody
from .created_source_body import CreatedSourceBody
from .decision_body import DecisionBody
from .destination_body import DestinationBody
from .destination_body_config import DestinationBodyConfig
from .destination_body_secrets import DestinationBodySecrets
from .destination_change_body import DestinationChangeBody
from .destination_change_body_config_type_0 import DestinationChangeBodyConfigType0
from .destination_change_body_secrets_type_0 import DestinationChangeBodySecretsType0
from .destination_live_body import DestinationLiveBody
from .destinations_body import DestinationsBody
from .development_body import DevelopmentBody
from .difference_body import DifferenceBody
from .egress_body import EgressBody
from .ended_stream_body import EndedStreamBody
from .error_body import ErrorBody
from .fault_body import FaultBody
from .figures_body import FiguresBody
from .former_package_body import FormerPackageBody
from .former_packages_body import FormerPackagesBody
from .granted_permission_body import GrantedPermissionBody
from .health_body import HealthBody
from .hook_body import HookBody
from .hooks_body import HooksBody
from .installation_body import InstallationBody
from .installation_body_config import InstallationBodyConfig
from .installation_body_secrets import InstallationBodySecrets
from .installation_change_body import InstallationChangeBody
from .installations_body import InstallationsBody
from .invitation_body import InvitationBody
from .judge_body import JudgeBody
from .judged_message_body import JudgedMessageBody
from .judgement_body import JudgementBody
from .judgements_body import JudgementsBody
from .limit_warning_body import LimitWarningBody
from .limits_body import LimitsBody
from .listed_plugin_body import ListedPluginBody
from .log_body import LogBody
from .log_line_body import LogLineBody
from .login_body import LoginBody
from .money_body import MoneyBody
from .needs_body import NeedsBody
from .new_account_body import NewAccountBody
from .new_charge_body import NewChargeBody
from .new_chat_message_body import NewChatMessageBody
from .new_destination_body import NewDestinationBody
from .new_destination_body_config_type_0 import NewDestinationBodyConfigType0
from .new_destination_body_secrets_type_0 import NewDestinationBodySecretsType0
from .new_installation_body import NewInstallationBody
from .new_installation_body_config_type_0 import NewInstallationBodyConfigType0
from .new_installation_body_secrets_type_0 import NewInstallationBodySecretsType0
from .new_partner_body import NewPartnerBody
from .new_partner_tenant_body import NewPartnerTenantBody
from .new_publisher_body import NewPublisherBody
from .new_publisher_key_body import NewPublisherKeyBody
from .new_refund_body import NewRefundBody
from .new_source_body import NewSourceBody
from .new_tenant_body import NewTenantBody
from .next_body import NextBody
from .one_bundle_body import OneBundleBody
from .one_charge_body import OneChargeBody
from .one_destination_body import OneDestinationBody
from .one_installation_body import OneInstallationBody
from .one_partner_body import OnePartnerBody
from .one_publisher_body import OnePublisherBody
from .one_refund_body import OneRefundBody
from .one_source_body import OneSourceBody
from .one_upgrade_body import OneUpgradeBody
from .package_body import PackageBody
from .partner_body import PartnerBody
from .payer_action_body import PayerActionBody
from .payer_action_body_parameters import PayerActionBodyParameters
from .permission_body import PermissionBody
from .pins_body import PinsBody
from .pins_body_pins import PinsBodyPins
from .plan_body import PlanBody
from .plan_ceilings_body import PlanCeilingsBody
from .plugin_body import PluginBody
from .plugin_detail_body import PluginDetailBody
from .plugin_secret_body import PluginSecretBody
from .plugin_version_body import PluginVersionBody
from .plugins_body import PluginsBody
from .problem_body import ProblemBody
from .profile_body import ProfileBody
from .publisher_body import PublisherBody
from .publisher_key_body import PublisherKeyBody
from .publishers_body import PublishersBody
from .queued_message_body import QueuedMessageBody
from .reason_body import ReasonBody
from .recording_body import RecordingBody
from .refresh_body import RefreshBody
from .refund_body import RefundBody
from .replay_body import ReplayBody
from .retitled_body import RetitledBody
from .review_body import ReviewBody
from .review_queue_body import ReviewQueueBody
from .reviewed_version_body import ReviewedVersionBody
from .rollback_request_body import RollbackRequestBody
from .rollout_body import RolloutBody
from .second_publisher_body import SecondPublisherBody
from .secret_body import SecretBody
from .self_test_body import SelfTestBody
from .session_body import SessionBody
from .set_installation_secrets_body import SetInstallationSecretsBody
from .setup_body import SetupBody
from .sign_in_body import SignInBody
from .signed_bundle_body import SignedBundleBody
from .signed_bundle_body_bundle import SignedBundleBodyBundle
from .source_body import SourceBody
from .source_change_body import SourceChangeBody
from .sources_body import SourcesBody
from .state_schema_body import StateSchemaBody
from .stream_body import StreamBody
from .stream_destination_body import StreamDestinationBody
from .stream_settings_answer_body import StreamSettingsAnswerBody
from .stream_settings_body import StreamSettingsBody
from .streams_body import StreamsBody
from .track_body import TrackBody
from .transition_body import TransitionBody
from .upgrade_body import UpgradeBody
from .upgrade_request_body import UpgradeRequestBody
from .usage_body import UsageBody
from .user_body import UserBody
from .verdict_body import VerdictBody
from .version_body import VersionBody

__all__ = (
    "AcceptedInvitationBody",
    "ActiveStreamBody",
    "ActiveStreamsBody",
    "ActivityBody",
    "ActivityDayBody",
    "ActivityFiguresBody",
    "AllowListBody",
    "AppealBody",
    "AuthorizeBody",
    "AuthorizeUrlBody",
    "BrandingBody",
    "BrandingBodyBrandingType0",
    "BreakerBody",
    "BundleBody",
    "BundleBodyBundle",
    "BundlesBody",
    "CeilingsBody",
    "ChargeBody",
    "ChargesBody",
    "ChatMessageBody",
    "ChatMessagesBody",
    "CheckBody",
    "ClientBody",
    "ClientShownBody",
    "ClientsBody",
    "ConfigErrorBody",
    "ConfigureInstallationBody",
    "ConfirmBody",
    "ConfirmBodyReturned",
    "ConnectionBody",
    "ConnectionsBody",
    "ConnectorBody",
    "CreatedSourceBody",
    "DecisionBody",
    "DestinationBody",
    "DestinationBodyConfig",
    "DestinationBodySecrets",
    "DestinationChangeBody",
    "DestinationChangeBodyConfigType0",
    "DestinationChangeBodySecretsType0",
    "DestinationLiveBody",
    "DestinationsBody",
    "DevelopmentBody",
    "DifferenceBody",
    "EgressBody",
    "EndedStreamBody",
    "ErrorBody",
    "FaultBody",
    "FiguresBody",
    "FormerPackageBody",
    "FormerPackagesBody",
    "GrantedPermissionBody",
    "HealthBody",
    "HookBody",
    "HooksBody",
    "InstallationBody",
    "InstallationBodyConfig",
    "InstallationBodySecrets",
    "InstallationChangeBody",
    "InstallationsBody",
    "InvitationBody",
    "JudgeBody",
    "JudgedMessageBody",
    "JudgementBody",
    "JudgementsBody",
    "LimitWarningBody",
    "LimitsBody",
    "ListedPluginBody",
    "LogBody",
    "LogLineBody",
    "LoginBody",
    "MoneyBody",
    "NeedsBody",
    "NewAccountBody",
    "NewChargeBody",
    "NewChatMessageBody",
    "NewDestinationBody",
    "NewDestinationBodyConfigType0",
    "NewDestinationBodySecretsType0",
    "NewInstallationBody",
    "NewInstallationBodyConfigType0",
    "NewInstallationBodySecretsType0",
    "NewPartnerBody",
    "NewPartnerTenantBody",
    "NewPublisherBody",
    "NewPublisherKeyBody",
    "NewRefundBody",
    "NewSourceBody",
    "NewTenantBody",
    "NextBody",
    "OneBundleBody",
    "OneChargeBody",
    "OneDestinationBody",
    "OneInstallationBody",
    "OnePartnerBody",
    "OnePublisherBody",
    "OneRefundBody",
    "OneSourceBody",
    "OneUpgradeBody",
    "PackageBody",
    "PartnerBody",
    "PayerActionBody",
    "PayerActionBodyParameters",
    "PermissionBody",
    "PinsBody",
    "PinsBodyPins",
    "PlanBody",
    "PlanCeilingsBody",
    "PluginBody",
    "PluginDetailBody",
    "PluginSecretBody",
    "PluginVersionBody",
    "PluginsBody",
    "ProblemBody",
    "ProfileBody",
    "PublisherBody",
    "PublisherKeyBody",
    "PublishersBody",
    "QueuedMessageBody",
    "ReasonBody",
    "RecordingBody",
    "RefreshBody",
    "RefundBody",
    "ReplayBody",
    "RetitledBody",
    "ReviewBody",
    "ReviewQueueBody",
    "ReviewedVersionBody",
    "RollbackRequestBody",
    "RolloutBody",
    "SecondPublisherBody",
    "SecretBody",
    "SelfTestBody",
    "SessionBody",
    "SetInstallationSecretsBody",
    "SetupBody",
    "SignInBody",
    "SignedBundleBody",
    "SignedBundleBodyBundle",
    "SourceBody",
    "SourceChangeBody",
    "SourcesBody",
    "StateSchemaBody",
    "StreamBody",
    "StreamDestinationBody",
    "StreamSettingsAnswerBody",
    "StreamSettingsBody",
    "StreamsBody",
    "TrackBody",
    "TransitionBody",
    "UpgradeBody",
    "UpgradeRequestBody",
    "UsageBody",
    "UserBody",
    "VerdictBody",
    "VersionBody",
)
