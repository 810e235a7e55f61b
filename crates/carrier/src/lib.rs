//! A simulated telephone network and provider APIs, with faults on demand.
